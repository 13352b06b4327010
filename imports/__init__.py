"""Imports: taking over the data of another system, as that system exports it.

**What it owns.** Runs: which export was read, when, by whom, and the whole report of it. Everything else that an import
writes belongs to other packages and looks as if their verbs had made it.

**Its words.** An *export* is a folder or zip of tables. A *plan* is what it says in our words, made by pure functions
(`plan`, `npsp_plan` and its parts); *faults* are why nothing is written, *remarks* what a person should know, *skipped*
what is no gift. The *stage* is where a plan meets the database: it finds which records are new, changed or the same.
New ones go in as a set (`write_people`, `write_money`), changed ones one by one through the verbs (`amend`), and what
an export takes back is ended (`ended`).

**What always holds.** Nothing is decided by a value that only one export has. A character, an amount or an id that
cannot be read for certain stops the import and is named with file and row. Writing is one transaction: all of an
export or nothing. The same export again changes nothing; one changed row changes one record. A past gift is booked
against the prior system and gets no receipt, no mail and no fact. What the export leaves empty is not emptied here,
and what is missing from it is left alone.

A new format is a module beside `npsp` that makes a `plan.Plan`. `volunteers` is one: its plan is made with what stands here at hand
(`volunteers_here`), and written by its own parts (`volunteers_write`, `_insert`, `_amend`), a dry run taken back.
"""
