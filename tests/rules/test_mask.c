/* SPDX-License-Identifier: MIT */
#include "base/xalloc.h"
#include "rules/mask.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>

struct mask_case {
	const char *previous;
	const char *argument;
	const char *masked; /* NULL: as it is */
};

/* clang-format off */
static const struct mask_case argument_cases[] = {
	{"", "hello world", NULL},
	{"", "--password=hunter2", "--password=[masked]"},
	{"--password", "hunter2", "[masked]"},
	{"--password", "--user", NULL},
	{"--token", "abcdefg", "[masked]"},
	{"--pass", "abcdefg", "[masked]"},
	{"--max-tokens", "100", NULL},
	{"--key", "file.pem", NULL},
	{"--verbose", "x", NULL},
	{"-u", "user:secret", "user:[masked]"},
	{"-u", "user", NULL},
	{"", "login --password hunter2 now", "login --password [masked] now"},
	{"", "login --password 'hunter 2' now", "login --password '[masked]' now"},
	{"", "login --password \"$PW\" --force", NULL},
	{"", "login --password --force; wait --max-tokens 100", NULL},
	{"", "curl -u user:hunter2 http://x", "curl -u user:[masked] http://x"},
	{"", "curl -u user http://x; sort -u file", NULL},
	{"", "run --password", NULL},
	{"", "DB_PASSWORD=x y", "DB_PASSWORD=[masked] y"},
	{"", "export GITHUB_TOKEN=abc && run", "export GITHUB_TOKEN=[masked] && run"},
	{"", "API_KEY='a b c' run", "API_KEY='[masked]' run"},
	{"", "Authorization: Bearer abc.def", "Authorization: [masked]"},
	{"", "curl -H 'authorization: Basic dXNlcg==' http://x", "curl -H 'authorization: [masked]' http://x"},
	{"", "X-Api-Key:abc", "X-Api-Key:[masked]"},
	{"", "Content-Type: text/plain", NULL},
	{"", "https://user:hunter2@example.com/x", "https://user:[masked]@example.com/x"},
	{"", "https://example.com:8080/a@b", NULL},
	{"", "https://example.com/?api_key=abc&x=1", "https://example.com/?api_key=[masked]&x=1"},
	{"", "postgres://u:p%40ss@db/app", "postgres://u:[masked]@db/app"},
	{"", "{\"password\": \"hunter2\", \"n\": 1}", "{\"password\": \"[masked]\", \"n\": 1}"},
	{"", "ghp_0123456789abcdefghijABCDEFGHIJ", "[masked]"},
	{"", "x ghp_0123456789abcdefghijABCDEFGHIJ y", "x [masked] y"},
	{"", "ghp_short", NULL},
	{"", "sk-0123456789abcdefgh", "[masked]"},
	{"", "risk-0123456789abcdefgh", NULL},
	{"", "AKIA0123456789ABCDEF", "[masked]"},
	{"", "xoxb-0123456789-abc", "[masked]"},
	{"", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "[masked]"},
	{"", "a -----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY----- b", "a [masked] b"},
	{"", "-----BEGIN PRIVATE KEY-----\nabc", "[masked]"},
	{"", "-----BEGIN PRIVATE KEY----- MIIEvQIBADANBgkq MIIEvQIBADANBgkq", "[masked]"},
	{"", "echo -----BEGIN X PRIVATE KEY-----; rm -rf ~", "echo [masked]; rm -rf ~"},
	{"", "-----BEGIN PRIVATE KEY----- rm -rf ~", "[masked] rm -rf ~"},
	{"", "-----BEGIN CERTIFICATE-----\nabc", NULL},
	{"", "PWD=/home/u", NULL},
	{"", "KEYBOARD=us", NULL},
	{"", "--key=value", NULL},
	{"", "a=b", NULL},
	{"", "=", NULL},
	{"", "://", NULL},
	{"", "token=", NULL},
};

struct name_case {
	const char *name;
	bool is_secret;
};

static const struct name_case name_cases[] = {
	{"GITHUB_TOKEN", true}, {"AWS_SECRET_ACCESS_KEY", true}, {"OPENAI_API_KEY", true},
	{"apiKey", true}, {"githubToken", true}, {"PGPASSWORD", true}, {"DB_PASSWORD", true},
	{"MYSQL_PWD", true}, {"npm_config__authToken", true}, {"DOCKER_AUTH", true},
	{"CLIENT_SECRET", true}, {"SSH_PASSPHRASE", true}, {"GITLAB_PAT", true},
	{"GOOGLE_APPLICATION_CREDENTIALS", true}, {"SECRET", true}, {"PASSWORD", true},
	{"PASS", true}, {"--api-key", true},
	{"PATH", false}, {"PWD", false}, {"OLDPWD", false}, {"HOME", false},
	{"SSH_AUTH_SOCK", false}, {"TOKENIZERS_PARALLELISM", false}, {"MAX_TOKENS", false},
	{"KEYBOARD", false}, {"GPG_TTY", false}, {"PUBLIC_KEY", false},
	{"SIGNING_PUBLIC_KEY", false}, {"COMPASS", false}, {"XAUTHORITY", false}, {"", false},
};
/* clang-format on */

Test(mask, hides_secrets_in_arguments)
{
	for (size_t i = 0; i < sizeof(argument_cases) / sizeof(argument_cases[0]);
		i++) {
		const struct mask_case *c = &argument_cases[i];
		char *masked =
			mask_argument(text_of(c->previous), text_of(c->argument));
		const char *expected = c->masked ? c->masked : "(as it is)";
		cr_expect(eq(str, masked ? masked : "(as it is)", (char *)expected),
			"%s", c->argument);
		free(masked);
	}
}

/* As long as one argument may be, of what is looked at from each place anew. */
Test(mask, takes_no_longer_for_what_is_repeated, .timeout = 20)
{
	static const char *const repeated[] = {" -u", "\"-", " --password a", " -u \"",
		"token=1", "://a:", "\"token\": ", "-----BEGIN PRIVATE KEY----- ",
		"sk-", "Authorization: "};
	enum { LENGTH = 131071 };
	char *text = xmalloc(LENGTH + 1);

	for (size_t i = 0; i < sizeof(repeated) / sizeof(repeated[0]); i++) {
		size_t length = strlen(repeated[i]);

		for (size_t at = 0; at < LENGTH; at++) {
			text[at] = repeated[i][at % length];
		}
		free(mask_argument(text_of(""), (struct text){text, LENGTH}));
	}
	free(text);
}

Test(mask, knows_names_of_secrets)
{
	for (size_t i = 0; i < sizeof(name_cases) / sizeof(name_cases[0]); i++) {
		bool is_right = mask_is_secret_name(text_of(name_cases[i].name)) ==
				name_cases[i].is_secret;
		cr_expect(is_right, "%s", name_cases[i].name);
	}
}

Test(mask, hides_secrets_in_environments)
{
	char *token = mask_environment(text_of("GITHUB_TOKEN=a b=c"));
	char *address = mask_environment(text_of("DATABASE_URL=pg://u:p@h/d"));
	char *plain = mask_environment(text_of("PATH=/bin:/usr/bin"));
	char *odd = mask_environment(text_of("no equals sign"));

	cr_expect(eq(str, token, "GITHUB_TOKEN=[masked]"));
	cr_expect(eq(str, address, "DATABASE_URL=pg://u:[masked]@h/d"));
	cr_expect(eq(ptr, plain, NULL));
	cr_expect(eq(ptr, odd, NULL));
	free(token);
	free(address);
}

Test(mask, covers_secrets_on_terminals)
{
	static const struct {
		const char *output, *masked;
	} cases[] = {
		{"token ghp_abcdefghij0123456789\r\n",
			"token ************************\r\n"},
		{"\x1b[1mAKIAABCDEFGHIJKLMNOP\x1b[0m",
			"\x1b[1m********************\x1b[0m"},
		{"-----BEGIN X PRIVATE KEY-----\r\nMI\x1b[1mB",
			"********** * ******* ********\r\n**\x1b[1m*"},
		{"-----BEGIN X PRIVATE KEY-----\r\n$ rm -rf ~\r\n",
			"********** * ******* ********\r\n$ rm -rf ~\r\n"},
		{"a=ghp_abcdefghij0123456789,b", "a=************************,b"},
		/* clang-format off */
		{"-----BEGIN A PRIVATE KEY-----\n-----END A PRIVATE KEY-----SG.0123456789abcdefghij",
			"********** * ******* ********\n******** * ******* *******************************"},
		/* clang-format on */
		{"asghp_abcdefghij0123456789", NULL},
		{"ghp_short sk-ip --- plain", NULL},
		{"", NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *masked = mask_output(text_of(cases[i].output));
		const char *expected = cases[i].masked ? cases[i].masked : "(as it is)";
		cr_expect(eq(str, masked ? masked : "(as it is)", (char *)expected),
			"%s", cases[i].output);
		free(masked);
	}
}
