"""`idocr serve`: the wire formats over HTTP, for programs that were written for another API.

The way of one request: `app` takes a seat in the bounded queue and the body, into memory; a worker of the
pool lets the format's face (`faces`) understand it and check its signature, reads the picture and answers.
Everything a format's clients see is in its face; no face knows the web framework.

This package needs the extra `serve`; `import idocr` loads nothing of it.
"""
