"""Everything that changes code: substitutions, moves into activities, applying."""
