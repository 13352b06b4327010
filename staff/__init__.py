"""The organisation's own room: its settings, and the people who sign in.

Words: a *member* (of staff) signs in with e-mail and password and has one *role*; a role is a named set of
*permissions* (`permissions.csv` is the truth, the guard reads it). A *session* is a signed-in browser.

Invariants: a password is stored as argon2id only; a session's token and a mailed link's token are stored hashed;
the answers for known and unknown addresses are the same; there is always an administrator who can sign in; a member
is disabled, never deleted, because the trail names them.
"""
