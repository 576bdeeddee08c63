"""`python -m idocr PHOTO...`"""

from .cli import main

raise SystemExit(main())
