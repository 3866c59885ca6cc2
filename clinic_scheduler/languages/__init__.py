"""What patients read, in each language that has a catalogue: sentences by gettext, days and times by CLDR.

A language is one file here, `<code>.po`. English is the language of the code and of staff; its catalogue is whole
nevertheless, so that words can be mended without a change of code. Nothing here knows of rows, pages or mail.
"""

from .catalogues import Catalogues, Language, language, languages, spoken_in

__all__ = ["Catalogues", "Language", "language", "languages", "spoken_in"]
