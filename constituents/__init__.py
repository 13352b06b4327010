"""Constituents: the people, households and organisations a nonprofit knows, and what is known about them.

**What it owns.** Constituents with their names, e-mails, phones, addresses, tags, notes, memberships of households and
relationships; the timeline that every feature writes one line to; tasks for people; the search over names, e-mails and
phones; what donors typed that differs (proposals) and records that may be the same (duplicate candidates); the totals
of giving, which triggers of donations fill.

**Its words.** A *constituent* is a person, a household or an organisation. The *display name* is how one says it
("Margaret Okafor"), the *listed name* how lists order it ("Okafor, Margaret"), the *sort key* what they compare.
*Archived* means out of the lists; nothing is deleted.

**What always holds.** A person is in one household at a time. One e-mail, phone and address at most is preferred. A
public page never changes a stored person: what a donor typed becomes a proposal. Whoever may not read gifts sees no
amount, neither in a list nor in a line of the timeline: the permission stands in the line and is asked in SQL.
"""
