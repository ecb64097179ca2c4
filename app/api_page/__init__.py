"""The OpenAPI document as one page of HTML, without a script and without anything from another machine."""
