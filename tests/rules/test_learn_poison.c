/* SPDX-License-Identifier: MIT */
/*
 * An attacker who has harmless things approved, for what could be learned from them. No
 * rule may let in what only looks alike, but each must still serve its own kind of work.
 */
#include "rules/learn.h"
#include "tests/rules/support_rules.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdlib.h>

enum { ACTIONS_MAX = 12 };

struct poison_case {
	const char *name;
	const char *approved[ACTIONS_MAX];
	const char *served[ACTIONS_MAX]; /* must be allowed by what was learned */
	const char *attacks[ACTIONS_MAX];
};

/* clang-format off */
static const struct poison_case poison_cases[] = {
	{"options before a subcommand of git", {
		"exec /opt/x/git status", "exec /opt/x/git log -3", "exec /opt/x/git add a.c",
		"exec /opt/x/git add b.c", "exec /opt/x/git commit -m one",
		"exec /opt/x/git commit -m two"},
		{"exec /opt/x/git status", "exec /opt/x/git add q.c",
		"exec /opt/x/git commit -m three"},
		{"exec /opt/x/git -c core.sshCommand=/tmp/x fetch",
		"exec /opt/x/git -c alias.y=!/tmp/x y", "exec /opt/x/git --exec-path=/tmp/x y",
		"exec /opt/x/git -C /home/u/src/q add a.c", "exec /opt/x/git config core.pager x",
		"exec /opt/x/git rebase --exec x"}},
	{"subcommands of git that run what they are told", {
		"exec /opt/x/git fetch origin", "exec /opt/x/git fetch upstream",
		"exec /opt/x/git clone a.git", "exec /opt/x/git clone b.git",
		"exec /opt/x/git grep one", "exec /opt/x/git grep two",
		"exec /opt/x/git push origin main", "exec /opt/x/git push origin next"},
		{"exec /opt/x/git fetch origin", "exec /opt/x/git clone a.git"},
		{"exec /opt/x/git fetch --upload-pack=/tmp/x /tmp/y",
		"exec /opt/x/git fetch ext::x", "exec /opt/x/git clone -u x a.git",
		"exec /opt/x/git grep -Ox one", "exec /opt/x/git clone ext::x.git",
		"exec /opt/x/git push origin --receive-pack=x"}},
	{"make, tar and other programs that run what they are told", {
		"exec /opt/x/make test", "exec /opt/x/make all", "exec /opt/x/make check",
		"exec /opt/x/tar cf a.tar a", "exec /opt/x/tar cf b.tar b",
		"exec /opt/x/tar tf c.tar"},
		{"exec /opt/x/make test"},
		{"exec /opt/x/make SHELL=/tmp/x", "exec /opt/x/make test SHELL=/tmp/x",
		"exec /opt/x/make -f /tmp/x", "exec /opt/x/make --eval=x",
		"exec /opt/x/tar cf a.tar --checkpoint=1 --checkpoint-action=exec=x",
		"exec /opt/x/tar -I /tmp/x -cf a.tar a"}},
	{"package managers that run packages", {
		"exec /opt/x/npm install", "exec /opt/x/npm test", "exec /opt/x/npm run build",
		"exec /opt/x/npm run lint", "exec /opt/x/cargo build", "exec /opt/x/cargo test",
		"exec /opt/x/cargo fmt", "exec /opt/x/go build x", "exec /opt/x/go vet x",
		"exec /opt/x/go test x"},
		{"exec /opt/x/npm run build", "exec /opt/x/cargo test"},
		{"exec /opt/x/npm exec evil", "exec /opt/x/npm install evil",
		"exec /opt/x/npm --prefix=/tmp/x test", "exec /opt/x/cargo install evil",
		"exec /opt/x/cargo --config=x build", "exec /opt/x/go run /tmp/x.go",
		"exec /opt/x/go build -toolexec=/tmp/x x"}},
	{"tools with an option that runs a program", {
		"exec /usr/bin/rg one", "exec /usr/bin/rg two", "exec /usr/bin/rg three",
		"exec /usr/bin/fdfind one", "exec /usr/bin/fdfind two", "exec /usr/bin/fdfind x",
		"exec /usr/bin/aria2c a.iso", "exec /usr/bin/aria2c b.iso",
		"exec /usr/bin/aria2c c.iso", "exec /usr/bin/qemu-x86_64-static a",
		"exec /usr/bin/qemu-x86_64-static b", "exec /usr/bin/qemu-x86_64-static c"},
		{"exec /usr/bin/rg one", "exec /usr/bin/aria2c b.iso"},
		{"exec /usr/bin/rg --pre=/tmp/x one", "exec /usr/bin/fdfind one -x /tmp/x",
		"exec /usr/bin/fdfind x one --exec=/tmp/x",
		"exec /usr/bin/aria2c --on-download-complete=/tmp/x a.iso",
		"exec /usr/bin/qemu-x86_64-static /tmp/x"}},
	{"wrappers and interpreters by any of their names", {
		"exec /usr/bin/vim.basic a.c", "exec /usr/bin/vim.basic b.c",
		"exec /usr/bin/emacs-nox a.c", "exec /usr/bin/emacs-nox b.c",
		"exec /usr/bin/gdb-multiarch a", "exec /usr/bin/gdb-multiarch b",
		"exec /usr/bin/perl5.36-x86_64-linux-gnu a.pl",
		"exec /usr/bin/perl5.36-x86_64-linux-gnu b.pl",
		"exec /usr/bin/original-awk a.awk", "exec /usr/bin/original-awk b.awk"},
		{"exec /usr/bin/vim.basic a.c"},
		{"exec /usr/bin/vim.basic x.c", "exec /usr/bin/emacs-nox x.c",
		"exec /usr/bin/gdb-multiarch x", "exec /usr/bin/perl5.36-x86_64-linux-gnu x.pl",
		"exec /usr/bin/original-awk x.awk"}},
	{"files of a kind, named from anywhere", {
		"exec /opt/x/fetch https://good.example/a.sh",
		"exec /opt/x/fetch https://good.example/b.sh",
		"exec /opt/x/show lib/a.txt", "exec /opt/x/show lib/b.txt",
		"exec /opt/x/dd if=a.img", "exec /opt/x/dd if=b.img"},
		{"exec /opt/x/fetch https://good.example/c.sh", "exec /opt/x/show lib/c.txt"},
		{"exec /opt/x/fetch https://evil.example/c.sh",
		"exec /opt/x/fetch https://good.example/../../x.sh",
		"exec /opt/x/show /home/u/.ssh/x.txt", "exec /opt/x/show lib/../../x.txt",
		"exec /opt/x/show lib/.x.txt", "exec /opt/x/dd of=c.img"}},
	{"numbers that are not names", {
		"exec /opt/x/chmod 644 a", "exec /opt/x/chmod 640 a", "exec /opt/x/ping host1",
		"exec /opt/x/ping host2"},
		{"exec /opt/x/chmod 644 a"},
		{"exec /opt/x/chmod 4777 a", "exec /opt/x/ping host1.evil.example",
		"exec /opt/x/chmod 644,u+s a"}},
	{"names with wildcards, quotes and line ends", {
		"write /home/u/data/*", "write /home/u/data/[a-z]?", "read /home/u/data/\\*",
		"write /home/u/data/a\nallow any *", "write /home/u/data/\"quo'te\"",
		"exec /opt/x/tool * ?", "exec /opt/x/tool ** a"},
		{"write /home/u/data/*", "write /home/u/data/a\nallow any *",
		"exec /opt/x/tool * ?", "exec /opt/x/tool ** a"},
		{"write /home/u/.profile", "read /home/u/data/x", "exec /opt/x/tool a b",
		"connect a.example.com:443"}},
	{"random parts beside letters of other scripts", {
		"write /home/u/data/r\303\251sum\303\251-2026-01-01",
		"write /home/u/data/r\303\251sum\303\251-2026-01-02"},
		{"write /home/u/data/r\303\251sum\303\251-2026-02-03"},
		{"write /home/u/data/resume-2026-01-01"}},
	{"random parts beside bytes that are no text", {
		"write /home/u/data/\377\376-2026-01-01", "write /home/u/data/\377\376-2026-01-02"},
		{"write /home/u/data/\377\376-2026-05-01"},
		{"write /home/u/data/\377-2026-01-01", "write /home/u/data/\376\377-2026-01-01"}},
	{"hashes as names among names that somebody chose", {
		"write /home/u/src/p/d41d8cd98f00b204e9800998ecf8427e",
		"write /home/u/src/p/src/6e/8183b72e5ed9b26e9e2c64bb6bc849b23b0690",
		"write /home/u/data/tool-d41d8cd98f00b204e9800998ecf8427e",
		"write /home/u/data/log-2026-01-d41d8cd98f00b204e9800998ecf8427e"},
		{"write /home/u/src/p/900150983cd24fb0d6963f7d28e17f72",
		"write /home/u/src/p/src/a9/993e364706816aba3e25717850c26c9cd0d89d",
		"write /home/u/data/tool-900150983cd24fb0d6963f7d28e17f72"},
		{"write /home/u/src/p/Makefile", "write /home/u/src/p/src/lib/main.c",
		"write /home/u/src/p/src/lib/900150983cd24fb0d6963f7d28e17f72",
		"write /home/u/data/tool-box", "write /home/u/data/log-2026-01-02"}},
	{"hashes as names in home", {
		"write /home/u/d41d8cd98f00b204e9800998ecf8427e.json",
		"write /home/u/900150983cd24fb0d6963f7d28e17f72.json",
		"write /home/u/x8f3k2.conf", "write /home/u/z1q4w7.conf",
		"read /home/u/.config/d41d8cd98f00b204e9800998ecf8427e.toml"},
		{"write /home/u/d41d8cd98f00b204e9800998ecf8427e.json"},
		{"write /home/u/package.json", "write /home/u/xsettings.conf",
		"write /home/u/a-file-with-a-long-name.json",
		"read /home/u/.config/settings-of-something.toml"}},
	{"hashes in arguments", {
		"exec /opt/x/dd of=d41d8cd98f00b204e9800998ecf8427e",
		"exec /opt/x/dd of=900150983cd24fb0d6963f7d28e17f72",
		"exec /opt/x/fetch https://cdn7.good.example/d41d8cd98f00b204e9800998ecf8427e",
		"exec /opt/x/fetch https://cdn7.good.example/900150983cd24fb0d6963f7d28e17f72",
		"exec /opt/x/show lib/run-d41d8cd98f00b204e9800998ecf8427e",
		"exec /opt/x/show lib/run-900150983cd24fb0d6963f7d28e17f72"},
		{"exec /opt/x/dd of=a41d8cd98f00b204e9800998ecf8427e",
		"exec /opt/x/fetch https://cdn7.good.example/a00150983cd24fb0d6963f7d28e17f72",
		"exec /opt/x/show lib/run-a00150983cd24fb0d6963f7d28e17f72"},
		{"exec /opt/x/dd of=/home/u/.bashrc-and-more-than-that",
		"exec /opt/x/dd of=../../home/u/.bashrc-and-more",
		"exec /opt/x/fetch https://cdn7.evil.example/a.good.example/900150983cd24fb0d6963f",
		"exec /opt/x/fetch https://cdn8.good.example/900150983cd24fb0d6963f7d28e17f72",
		"exec /opt/x/show lib/run-x"}},
	{"hidden files among those that show", {
		"read /home/u/data/a.json", "read /home/u/data/b.txt", "read /home/u/data/c",
		"read /home/u/data/x/a.json", "read /home/u/data/y/b.json",
		"read /home/u/data/z/c.json", "read /home/u/data/z/d.txt"},
		{"read /home/u/data/d", "read /home/u/data/x/z.json"},
		{"read /home/u/data/.env", "read /home/u/data/.git/config",
		"read /home/u/data/x/.token.json", "read /home/u/data/x/.secret/a.json"}},
	{"many folders of home", {
		"read /home/u/one/a.txt", "read /home/u/two/b.txt", "read /home/u/three/c.txt",
		"read /home/u/four/d.txt", "read /home/u/five/e.txt"},
		{"read /home/u/one/a.txt"},
		{"read /home/u/documents/x.txt", "read /home/u/x.txt", "read /home/u/.ssh/x.txt"}},
	{"secrets that were approved once", {
		"read /home/u/.ssh/known_hosts", "read /home/u/.ssh/config",
		"read /home/u/.ssh/id_rsa.pub", "read /home/u/.aws/config"},
		{NULL},
		{"read /home/u/.ssh/config", "read /home/u/.ssh/id_rsa",
		"read /home/u/.aws/credentials"}},
	{"domains that belong to many", {
		"connect a.co.uk:443", "connect b.co.uk:443", "connect x.s3.amazonaws.com:443",
		"connect y.s3.amazonaws.com:443", "connect a.github.io:443",
		"connect b.github.io:443", "connect a.internal:443", "connect b.internal:443"},
		{"connect a.co.uk:443"},
		{"connect c.co.uk:443", "connect z.s3.amazonaws.com:443",
		"connect c.github.io:443", "connect c.internal:443"}},
	{"domains of other scripts, and capital letters", {
		"connect a.xn--55qx5d.cn:443", "connect b.xn--55qx5d.cn:443",
		"connect A.GitHub.IO:443", "connect B.GitHub.IO:443",
		"connect a.xn--bcher-kva.example.com:443",
		"connect b.xn--bcher-kva.example.com:443"},
		{"connect c.xn--bcher-kva.example.com:443"},
		{"connect c.xn--55qx5d.cn:443", "connect c.github.io:443",
		"connect xn--bcher-kva.example.com.evil.org:443"}},
	{"ports and addresses beside those that were seen", {
		"connect 192.0.2.1:443", "connect 192.0.2.2:443", "connect 127.0.0.1:40001",
		"connect 127.0.0.1:40002", "connect a.example.com:443",
		"connect b.example.com:443"},
		{"connect 192.0.2.1:443", "connect 127.0.0.1:40002", "connect c.example.com:443"},
		{"connect 192.0.2.3:443", "connect 127.0.0.1:5432", "connect c.example.com:80",
		"connect 192.0.2.1:80", "connect example.com:443"}},
};
/* clang-format on */

static const struct subject agent = {.program = {"/usr/bin/agent", 14},
	.facts_known = FACT_CODE | FACT_MCP | FACT_LABELS,
	.code = CODE_NONE};

/* "exec /opt/x/tool ** a" is parted at spaces only, so names may be anything else. */
static void approve(struct learner *learner, const char *text, int64_t number)
{
	struct test_action test;
	struct recorded_action recorded = {.event = number,
		.question = number,
		.count = 1,
		.verdict = VERDICT_ALLOW,
		.by = RECORDED_BY_PERSON,
		.is_persons = true,
		.session = 1 + number % 2,
		.subject = &agent};

	set_action(&test, text);
	recorded.action = test.action;
	learner_add(learner, 0, &recorded, true);
}

static char *learn_from(const struct poison_case *c)
{
	struct rule_list rules = {0};
	struct learned learned;
	struct learner *learner = learner_create(TEST_NOW);

	(void)learner_add_place(learner, &test_variables, &rules);
	for (size_t i = 0; i < ACTIONS_MAX && c->approved[i]; i++) {
		approve(learner, c->approved[i], (int64_t)i + 1);
	}
	learner_run(learner, false, &learned);
	char *text = learned_text(&learned);
	learned_finish(&learned);
	learner_destroy(learner);
	return text;
}

static void check(const struct poison_case *c)
{
	char *text = learn_from(c);
	struct rule_index *index = index_of(text);

	for (size_t i = 0; i < ACTIONS_MAX && c->served[i]; i++) {
		cr_expect(judge_text(index, c->served[i]) == VERDICT_ALLOW,
			"%s: asks about %s with\n%s", c->name, c->served[i], text);
	}
	for (size_t i = 0; i < ACTIONS_MAX && c->attacks[i]; i++) {
		cr_expect(judge_text(index, c->attacks[i]) != VERDICT_ALLOW,
			"%s: allows %s by\n%s", c->name, c->attacks[i], text);
	}
	rule_index_destroy(index);
	free(text);
}

Test(learn_poison, what_only_looks_alike_is_not_let_in)
{
	for (size_t i = 0; i < sizeof(poison_cases) / sizeof(poison_cases[0]); i++) {
		check(&poison_cases[i]);
	}
}
