"""Everything that training reads in one file, for a machine that has nothing but the repository and that file."""
