"""What the `almoner` command does, a module per kind of deed; `cli.py` names them.

Each function imports what it needs when it runs, so that `serve` starts at once. What cannot be done is raised as an
exception whose text is a sentence for whoever sits at the shell.
"""
