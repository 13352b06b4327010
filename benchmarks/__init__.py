"""What `bin/bench` runs: is Almoner fast enough at 100,000 constituents and 1,000,000 gifts, and at
200,000 sign-ups of volunteers, and does it stay so?

Every number stands beside a bare one, measured in the same minute on the same rows: plain SQL with a plain template,
COPY instead of the bulk path, WeasyPrint alone. The machine's mood is in both, so it is the ratio that says something.

data.py      invents people and gifts, the same ones every time, as files for COPY
bulk.py      the bulk path: stage, one check, one INSERT ... SELECT per table; and bare COPY of what came of it
places.py    the databases of a run, and which of them the app speaks to
client.py    a browser of twenty lines, so that the client's own cost hides nothing
cases.py     what is measured: the request, and the bare way to the same rows
bare.py      the bare way
rounds.py    ours and bare in turns, rates, medians and ratios
paper.py     receipts: rate, two children, memory
volunteer_*  the same of 2,000 volunteers, 20,000 shifts and 200,000 sign-ups: data, cases, the bare way
report.py    the table, the targets, the JSON
"""
