/* SPDX-License-Identifier: MIT */
/* The fixed parts of the HTML report: style before the data, program after it. */
#ifndef CLI_EXPORT_HTML_H
#define CLI_EXPORT_HTML_H

#include <stdio.h>

void html_page_begin(FILE *file);
void html_page_end(FILE *file);

#endif
