"""`journal` with an empty card cache: the cost of a timeline that is read for the first time."""

from journal.cli import main
from journal.entries import card_cache

if __name__ == "__main__":
    card_cache.REMEMBERED, card_cache.LONG = 0, -1
    main()
