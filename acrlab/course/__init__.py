"""The lesson: the article's sections, their order, verification and reset, and faults to practise on."""
