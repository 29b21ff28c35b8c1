"""The functions of the template language, a module for each of the families in which Azure documents them."""
