"""How the parser's nodes become neutral ones: each module knows one kind of them, and builds on the one before.

`names`, `patterns`, `expressions`, `statements`, `members`.
"""
