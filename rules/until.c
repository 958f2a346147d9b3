/* SPDX-License-Identifier: MIT */
#include "rules/until.h"

#include <stdio.h>

enum { DAY_SECONDS = 24 * 60 * 60, YEAR_MIN = 1970, YEAR_MAX = 9999 };

/* Digits and separators as in form, where 0 stands for any digit. */
static bool has_form(struct text text, const char *form)
{
	if (text.length != strlen(form)) {
		return false;
	}
	for (size_t i = 0; i < text.length; i++) {
		bool is_digit = text.bytes[i] >= '0' && text.bytes[i] <= '9';
		if (form[i] == '0' ? !is_digit : text.bytes[i] != form[i]) {
			return false;
		}
	}
	return true;
}

static int number_at(struct text text, size_t at, size_t digits)
{
	int value = 0;

	for (size_t i = at; i < at + digits; i++) {
		value = value * 10 + (text.bytes[i] - '0');
	}
	return value;
}

bool until_parse(struct text text, time_t *until)
{
	bool is_day = has_form(text, "0000-00-00");

	if (!is_day && text_ends_with(text, "Z")) {
		text.length--;
	}
	bool has_seconds = has_form(text, "0000-00-00T00:00:00");
	if (!is_day && !has_seconds && !has_form(text, "0000-00-00T00:00")) {
		return false;
	}
	struct tm given = {
		.tm_year = number_at(text, 0, 4) - 1900,
		.tm_mon = number_at(text, 5, 2) - 1,
		.tm_mday = number_at(text, 8, 2),
		.tm_hour = is_day ? 0 : number_at(text, 11, 2),
		.tm_min = is_day ? 0 : number_at(text, 14, 2),
		.tm_sec = has_seconds ? number_at(text, 17, 2) : 0,
	};
	struct tm whole = given;
	time_t value = timegm(&whole);
	/* timegm makes 1 March of 29 February: such a date does not exist. */
	if (whole.tm_mon != given.tm_mon || whole.tm_mday != given.tm_mday ||
		whole.tm_hour != given.tm_hour || whole.tm_min != given.tm_min ||
		whole.tm_sec != given.tm_sec || given.tm_year + 1900 < YEAR_MIN) {
		return false;
	}
	*until = is_day ? value + DAY_SECONDS : value;
	return *until > 0;
}

void until_print(time_t until, char buffer[UNTIL_TEXT_SIZE])
{
	bool is_day = until % DAY_SECONDS == 0 && until > 0;
	time_t moment = is_day ? until - DAY_SECONDS : until;
	struct tm parts = {0};

	(void)gmtime_r(&moment, &parts);
	if (parts.tm_year + 1900 > YEAR_MAX) {
		(void)snprintf(buffer, UNTIL_TEXT_SIZE, "9999-12-31");
		return;
	}
	(void)strftime(buffer, UNTIL_TEXT_SIZE,
		is_day ? "%Y-%m-%d" : "%Y-%m-%dT%H:%M:%SZ", &parts);
}
