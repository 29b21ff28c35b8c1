"""Tasks of the chapters that go beyond the article's draft."""
