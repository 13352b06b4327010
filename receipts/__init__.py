"""Receipts: what a donor may show to the tax office.

A receipt is issued once, for a gift that has settled, by the rules of the organisation's country; it takes the next
number of its series, and no number is ever left out or used twice. What was printed is kept: a snapshot of every word
and the PDF's bytes, which are the same for ever. A receipt that is wrong is voided, never changed: the void is a row of
its own, the number stays, the gift is free again.

Words: a *series* is a run of numbers of one organisation and year; a *line* is a gift on a receipt, *live* until the
receipt is void; a *rule* says which words the law of a country asks for, and is data (`rules.csv`).

- `receipts.py` issues and voids; `series.py` counts; `snapshots.py` reads what will be printed and refuses what cannot
  be; `wording.py` chooses the words; `letter.py` sets them on paper; `delivery.py` renders, keeps and mails;
  `corrections.py` follows what becomes of a gift; `finding.py` finds receipts again; `jobs.py` listens.
- The app's database role can insert and read receipts, and nothing else but end a line.
- Nothing is rendered inside a transaction, and a number is taken last in one.
"""
