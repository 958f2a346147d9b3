/* SPDX-License-Identifier: MIT */
/* The HTML report without its data: cli/report.html, put into the binary by the build. */
#ifndef CLI_REPORT_PAGE_H
#define CLI_REPORT_PAGE_H

/* What stands before the data, and after it. */
extern const char report_begin[], report_end[];

#endif
