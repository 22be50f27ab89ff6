"""The language-neutral core: syntax tree, values, interpreter, call graph, and events that become findings."""
