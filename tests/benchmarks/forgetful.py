"""`journal` with no card remembered: what a timeline costs the first time that it is looked at."""

from journal.cli import main
from journal.entries import card_cache

if __name__ == "__main__":
    card_cache.REMEMBERED, card_cache.LONG = 0, -1
    main()
