"""An abstract interpreter: runs orchestrators over the neutral tree without running them.

It follows every call into the project with what is known of the arguments, and reports what happens as events.

- `machine.py`     modules, calls, objects: what outlives one function
- `statements.py`  walks one activation's statements, with the state of the path
- `expressions.py` evaluates expressions to abstract values; names and attributes
- `calls.py`       what a call runs, and what comes back; decorators and callbacks
- `containers.py`  collections: how they are made and read
- `changes.py`     what they hold after a change in place
- `fields.py`      what objects hold
- `operators.py`   operators and conditions
"""
