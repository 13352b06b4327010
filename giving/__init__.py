"""Giving: the public side, where a donor gives without an account.

`/give` and `/give/<campaign>` take what she types, keep it as an *intent* (donations.intents), and send her to
Stripe's page; `/give/thanks/<token>` says what is true when she comes back. It owns no tables. Nothing here shows or
changes stored data of a known person, and the answers are the same for known and unknown.
"""
