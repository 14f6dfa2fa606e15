"""Chinese and English text: folding and the terms that search works with."""

from kb.text.analyse import ANALYSIS_VERSION, analyse, query_terms
from kb.text.fold import compose, fold

__all__ = ["ANALYSIS_VERSION", "analyse", "compose", "fold", "query_terms"]
