"""The article as a document: its editions as the course follows them, and how a newer one differs."""

from acrlab.course.article.drift import Change, Drift, compare
from acrlab.course.article.editions import EDITIONS, closest
from acrlab.course.article.markdown import read

__all__ = ["EDITIONS", "Change", "Drift", "closest", "compare", "read"]
