"""Reports: read-only questions over the other rooms. It owns no tables and changes nothing.

`invariants` asks whether the books are whole; `almoner check` runs it, and so does every test before its rollback.
"""
