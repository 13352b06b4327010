"""The plumbing: everything here would serve any web application, and nothing here knows of nonprofits.

Import its modules by name (`from kit import changes, days, money`). `db.tx()` opens the transactions,
`pages` answers requests, `forms` reads what people typed, `jobs` and `facts` do what can wait,
`changes` keeps who did what. It imports nothing of ours.
"""
