/* SPDX-License-Identifier: MIT */
#include "rules/program_kind.h"

#include <string.h>
#include <strings.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* clang-format off */
/* Names without versions. */
static const char *const runs_anything[] = {
	/* shells */
	"ash", "bash", "busybox", "csh", "dash", "elvish", "fish", "ksh", "mksh", "nu",
	"osascript", "powershell", "pwsh", "rbash", "sh", "tcsh", "toybox", "xonsh", "yash",
	"zsh",
	/* interpreters */
	"awk", "bc", "bpftrace", "bun", "dc", "deno", "dotnet", "elixir", "erl", "expect",
	"gawk", "ghci", "gjs", "gnuplot", "groovy", "guile", "iex", "ipython", "irb", "java",
	"jshell", "julia", "jupyter", "kotlin", "lua", "luajit", "m4", "mawk", "mysql",
	"mono", "nawk", "node", "nodejs", "ocaml", "octave", "original-awk", "perl", "php",
	"psql", "pypy", "python", "r", "racket", "rscript", "ruby", "runghc", "sbcl", "scala",
	"sed", "sqlite", "swift", "swipl", "tcc", "tclsh", "ts-node", "tsx", "wine", "wish",
	/* other editors run commands as well as vi */
	"ed", "emacs", "emacs-gtk", "emacs-lucid", "emacs-nox", "emacsclient", "ex", "hx",
	"gvim", "joe", "kak", "mc", "mcedit", "micro", "nano", "nvim", "pico", "ranger",
	"rview", "rvim", "vi", "view", "vim", "vimdiff",
	/* what starts another program, changed in some way */
	"alacritty", "at", "batch", "capsh", "catchsegv", "ccache", "choom", "chronic", "chrt",
	"coproc", "cpulimit", "daemonize", "dbus-launch", "dbus-run-session", "distcc",
	"eatmydata", "entr", "env", "envdir", "faketime", "fakechroot", "fakeroot", "find",
	"flock", "hyperfine", "ifne", "inotifywait", "ionice", "nice", "nohup", "numactl",
	"parallel", "prlimit", "proxychains", "rlwrap", "run-parts", "sccache", "script",
	"sem", "setarch", "linux", "i386", "setsid", "setuidgid", "softlimit",
	"ssh-agent", "start-stop-daemon", "stdbuf", "taskset", "time", "timeout", "torify",
	"torsocks", "unbuffer", "uxterm", "vipe", "watch", "watchexec", "x-terminal-emulator",
	"xargs", "xdg-open", "xterm", "xvfb-run", "foot", "gnome-terminal", "kitty",
	"konsole", "pee", "chpst", "run-mailcap",
	/* and with other powers, or elsewhere */
	"ansible", "autossh", "bwrap", "chroot", "crictl", "ctr", "docker", "docker-compose",
	"doas", "dzdo", "firejail", "flatpak", "flatpak-spawn", "gosu", "kubectl", "ksu",
	"lxc", "machinectl", "mosh", "nerdctl", "newgrp", "nsenter", "pexec", "pkexec",
	"podman", "proot", "rlogin", "rsh", "rsync", "run0", "runuser", "scp", "screen",
	"setpriv", "sftp", "sg", "slogin", "socat", "ncat", "nc", "ssh", "sshpass", "su",
	"busctl", "crun", "gdbus", "incus", "lftp", "runc", "su-exec", "sudo",
	"sudoedit", "systemd-nspawn", "systemd-run", "tmux", "toolbox",
	"unshare", "distrobox", "vagrant",
	/* debuggers and tracers */
	"bpftrace", "cgdb", "dlv", "gdb", "gdb-multiarch", "gdbserver", "lldb", "ltrace",
	"perf", "rr", "strace", "uftrace", "valgrind",
	/* runners of packages and of what a file describes */
	"ant", "bazel", "bunx", "ctest", "gmake", "gradle", "gradlew", "hatch", "invoke",
	"just", "make", "meson", "mvn", "mvnw", "ninja", "nox", "npx", "pipx", "pnpx",
	"rake", "sbt", "scons", "task", "tox", "uvx", "waf",
};

/* Some of their options or subcommands run others. */
static const char *const runs_by_option[] = {
	"apk", "apt", "apt-get", "aptitude", "aria", "bat", "batcat", "brew", "bundle", "c++",
	"cabal", "cargo", "cc", "clang", "clang++", "clang-tidy", "cmake", "composer",
	"conda", "cpio", "crontab", "curl", "dpkg", "eslint", "fd", "fdfind", "fzf", "g++",
	"gcc", "gem", "gh", "ghc", "git", "glab", "go", "gpg", "gs", "helm", "hg", "info",
	"install", "ip", "javac", "jest", "journalctl", "latex", "latexmk", "ld", "less",
	"logrotate", "lualatex", "luatex", "lynx", "mailx", "man", "mix", "more", "mutt",
	"mypy", "nix", "nmap", "npm", "opam", "openssl", "pacman", "pandoc", "pdflatex",
	"pdftex", "pip", "pnpm", "poetry", "prettier", "protoc", "pytest", "rg", "rpm",
	"rpmbuild", "rustc", "rustdoc", "rustup", "sort", "sphinx-build", "split",
	"ssh-keygen", "stack", "svn", "systemctl", "tar", "bsdtar", "tcpdump", "terraform",
	"tex", "tofu", "tshark", "unzip", "uv", "wget", "xelatex", "xetex", "yarn",
	"yt-dlp", "yum", "dnf", "zip", "zypper",
};

/*
 * The subcommands of git after which no option runs anything. Not among them: clone,
 * fetch, pull, push (--upload-pack, ext:: addresses), grep (-O), rebase (--exec), merge
 * (-s), init (--template), bisect, config, submodule, difftool, filter-branch, help.
 */
static const char *const quiet_git[] = {
	"add", "blame", "branch", "cat-file", "checkout", "commit", "describe", "diff",
	"log", "ls-files", "ls-tree", "mv", "reset", "restore", "rev-list", "rev-parse", "rm",
	"shortlog", "show", "stash", "status", "switch", "tag",
};

/* Of those, the ones that take files by name and fetch none. */
static const char *const takes_files[] = {
	"bsdtar", "c++", "cc", "clang", "clang++", "g++", "gcc", "install", "ld", "rustc",
	"sort", "tar", "unzip", "zip",
};
/* clang-format on */

/* "python" of /usr/bin/python3.11, "gcc" of x86_64-linux-gnu-gcc-12. */
static struct text program_name(struct text program)
{
	static const char triple[] = "-gnu-";
	struct text name = text_base_name(program);
	const char *after = name.length > 0 ? memmem(name.bytes, name.length, triple,
						      sizeof(triple) - 1)
					    : NULL;
	size_t length = 0;

	if (after && after[sizeof(triple) - 1] >= 'a') {
		after += sizeof(triple) - 1;
		name.length -= (size_t)(after - name.bytes);
		name.bytes = after;
	}
	while (length < name.length && !strchr("0123456789.", name.bytes[length])) {
		length++;
	}
	while (length > 0 && name.bytes[length - 1] == '-') {
		length--;
	}
	return (struct text){name.bytes, length};
}

static bool is_listed(struct text name, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (name.length == strlen(names[i]) &&
			strncasecmp(name.bytes, names[i], name.length) == 0) {
			return true;
		}
	}
	return false;
}

bool program_runs_anything(struct text program)
{
	struct text name = text_base_name(program);

	if (text_starts_with(name, "ld-") || text_starts_with(name, "ld.so") ||
		text_starts_with(name, "qemu-")) {
		return true; /* loaders and emulators run what they are given */
	}
	return is_listed(program_name(program), runs_anything, COUNT(runs_anything)) ||
	       is_listed(name, runs_anything, COUNT(runs_anything));
}

bool program_runs_by_option(struct text program)
{
	return is_listed(program_name(program), runs_by_option, COUNT(runs_by_option));
}

bool argument_is_subcommand(struct text word)
{
	enum { SUBCOMMAND_MAX = 32 };

	for (size_t i = 0; i < word.length; i++) {
		char c = word.bytes[i];
		bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		bool is_later =
			(c >= '0' && c <= '9') || c == '-' || c == '_' || c == ':';

		if (!is_letter && !(is_later && i > 0)) {
			return false;
		}
	}
	return word.length > 0 && word.length <= SUBCOMMAND_MAX;
}

static bool is_git(struct text program)
{
	return text_equal_string(program_name(program), "git");
}

bool program_takes_any_rest(struct text program, struct text subcommand)
{
	if (is_git(program)) {
		return is_listed(subcommand, quiet_git, COUNT(quiet_git));
	}
	return !program_runs_by_option(program);
}

bool program_takes_shapes(struct text program, struct text first)
{
	if (is_git(program)) {
		return is_listed(first, quiet_git, COUNT(quiet_git));
	}
	return !program_runs_by_option(program) ||
	       is_listed(program_name(program), takes_files, COUNT(takes_files));
}
