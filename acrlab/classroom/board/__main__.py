"""Starts the board: the command of the hub's service."""

from acrlab.classroom.board.service import main

main()
