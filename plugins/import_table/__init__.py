"""Imports tables of questions and answers."""
