"""Released results in print: tables, charts, workbooks, reports, open-data files.

Everything here is made from a ``Released`` table or a ``Publication`` and from nothing else, so a
figure that disclosure control withheld is not there to be shown. Nothing is imported until it is
asked for: ``out.table()`` needs no other package; charts and reports need the extra ``report``
(altair, vl-convert), workbooks xlsxwriter, Word files python-docx.
"""
