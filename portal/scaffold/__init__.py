"""What a plugin author gets from the command line: a new plugin (making), a check (checking).

The folders here hold the files of new plugins, one folder a kind; `common` is in all of them.
Nothing here is needed while the portal serves.
"""
