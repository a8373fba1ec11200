"""`journal` with no card remembered: what a timeline costs the first time that it is looked at."""

from journal.cli import main
from journal.entries import cards

if __name__ == "__main__":
    cards.REMEMBERED, cards.LONG = 0, -1
    main()
