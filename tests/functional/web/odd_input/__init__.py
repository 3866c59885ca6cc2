"""Pages under odd input: what no browser of ours sends, by every role, to every address there is."""
