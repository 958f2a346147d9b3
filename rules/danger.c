/* SPDX-License-Identifier: MIT */
/*
 * What is worth a warning, as patterns of the rule language. The first row that matches
 * speaks, so the narrower ones stand before the wider.
 */
#include "rules/danger.h"

#include "rules/pattern.h"

enum {
	READ = 1 << VERB_READ,
	CHANGE = 1 << VERB_WRITE | 1 << VERB_DELETE | 1 << VERB_META,
	RUN = 1 << VERB_EXEC,
	CONNECT = 1 << VERB_CONNECT,
	LISTEN = 1 << VERB_LISTEN,
	PROCESS = 1 << VERB_SIGNAL | 1 << VERB_INSPECT,
	SYSTEM = 1 << VERB_SYSTEM,
};

struct danger {
	uint32_t verbs;
	const char *pattern;
	const char *note;
};

/* clang-format off */
static const struct danger dangers[] = {
	/* Sockets of programs that act for whoever asks. */
	{CONNECT, "unix:/run/docker.sock", "Whoever may talk to Docker is as good as root on this machine."},
	{CONNECT, "unix:/var/run/docker.sock", "Whoever may talk to Docker is as good as root on this machine."},
	{CONNECT, "unix:/run/user/*/docker.sock", "Docker starts containers that see any of your files."},
	{CONNECT, "unix:~/.docker/**", "Docker starts containers that see any of your files."},
	{CONNECT, "unix:/run/podman/**", "Whoever may talk to this Podman is as good as root on this machine."},
	{CONNECT, "unix:/run/user/*/podman/**", "Podman starts containers that see any of your files."},
	{CONNECT, "unix:/run/containerd/**", "Whoever may talk to containerd is as good as root on this machine."},
	{CONNECT, "unix:/run/libvirt/**", "This controls virtual machines, and through them files of this one."},
	{CONNECT, "unix:/var/lib/lxd/**", "Whoever may talk to LXD is as good as root on this machine."},
	{CONNECT, "unix:/var/snap/lxd/**", "Whoever may talk to LXD is as good as root on this machine."},
	{CONNECT, "unix:/run/snapd*.socket", "snapd installs programs."},
	{CONNECT, "unix:/run/dbus/system_bus_socket", "Over the system bus, services act with rights that you do not have here."},
	{CONNECT, "unix:/run/user/*/bus", "Over D-Bus, programs can be started outside Duenna's sight and passwords read."},
	{CONNECT, "unix:@/tmp/dbus-*", "Over D-Bus, programs can be started outside Duenna's sight and passwords read."},
	{CONNECT, "unix:/run/user/*/systemd/**", "systemd starts programs outside Duenna's sight."},
	{CONNECT, "unix:/run/systemd/private", "systemd starts programs outside Duenna's sight."},
	{CONNECT, "unix:/tmp/tmux-*/**", "Over this socket, keys can be typed into your other terminals."},
	{CONNECT, "unix:/run/screen/**", "Over this socket, keys can be typed into your other terminals."},
	{CONNECT, "unix:/run/user/*/zellij/**", "Over this socket, keys can be typed into your other terminals."},
	{CONNECT, "unix:/tmp/.X11-unix/*", "An X11 client sees all windows and can type into them."},
	{CONNECT, "unix:@/tmp/.X11-unix/*", "An X11 client sees all windows and can type into them."},
	{CONNECT, "unix:/run/user/*/wayland-*", "This opens windows on your screen."},
	{CONNECT, "unix:/run/user/*/pulse/**", "This hears the microphone."},
	{CONNECT, "unix:/run/user/*/pipewire-*", "This hears the microphone and may see the screen."},
	{CONNECT, "unix:/tmp/ssh-*/**", "The ssh agent lets whoever asks log in to other machines as you."},
	{CONNECT, "unix:/run/user/*/ssh-agent*", "The ssh agent lets whoever asks log in to other machines as you."},
	{CONNECT, "unix:/run/user/*/openssh_agent", "The ssh agent lets whoever asks log in to other machines as you."},
	{CONNECT, "unix:/run/user/*/keyring/**", "The keyring gives out your passwords and uses your keys."},
	{CONNECT, "unix:/run/user/*/gcr/**", "The ssh agent lets whoever asks log in to other machines as you."},
	{CONNECT, "unix:/run/user/*/gnupg/**", "The GnuPG agent signs and decrypts with your keys."},
	{CONNECT, "unix:~/.gnupg/**", "The GnuPG agent signs and decrypts with your keys."},
	{CONNECT, "unix:~/.ssh/**", "An open ssh connection may be used to log in to another machine."},
	{CONNECT, "unix:/run/user/*/vscode-*", "The editor runs commands for whoever asks."},
	{CONNECT, "unix:/run/user/*/emacs/**", "The editor runs commands for whoever asks."},
	{CONNECT, "unix:/run/user/*/nvim.*", "The editor runs commands for whoever asks."},
	{CONNECT, "localhost:2375-2376", "Whoever may talk to Docker is as good as root on this machine."},
	{CONNECT, "localhost:9222-9229", "A debugging port: it controls the program that listens there."},
	{CONNECT, "localhost:8888", "Notebooks run code for whoever asks."},
	{CONNECT, "169.254.169.254:*", "The cloud hands out this machine's credentials here."},
	{CONNECT, "169.254.170.2:*", "The cloud hands out this machine's credentials here."},
	{CONNECT, "[fd00:ec2::254]:*", "The cloud hands out this machine's credentials here."},
	{CONNECT, "metadata.google.internal:*", "The cloud hands out this machine's credentials here."},
	{CONNECT, "vsock:*", "This is the host that runs this virtual machine."},
	{CONNECT, "*:22", "ssh runs commands on another machine, where Duenna sees nothing."},
	{LISTEN, "0.0.0.0:*", "Other machines could connect to this."},
	{LISTEN, "[::]:*", "Other machines could connect to this."},

	/* What runs by itself later. */
	{CHANGE, "~/.ssh/authorized_keys*", "This file says who may log in here as you."},
	{CHANGE, "~/.ssh/rc", "This runs at each ssh login."},
	{CHANGE, "~/.ssh/**", "ssh trusts these files; its configuration runs commands."},
	{CHANGE, "~/.bash*", "This runs in every new shell, outside Duenna."},
	{CHANGE, "~/.profile", "This runs at every login, outside Duenna."},
	{CHANGE, "~/.zsh*", "This runs in every new shell, outside Duenna."},
	{CHANGE, "~/.zprofile", "This runs at every login, outside Duenna."},
	{CHANGE, "~/.zlog*", "This runs at every login, outside Duenna."},
	{CHANGE, "~/.oh-my-zsh/**", "This runs in every new shell, outside Duenna."},
	{CHANGE, "~/.config/fish/**", "This runs in every new shell, outside Duenna."},
	{CHANGE, "~/.config/systemd/**", "systemd starts what stands here by itself, outside Duenna."},
	{CHANGE, "~/.local/share/systemd/**", "systemd starts what stands here by itself, outside Duenna."},
	{CHANGE, "~/.config/autostart/**", "This starts with the desktop, outside Duenna."},
	{CHANGE, "~/.config/environment.d/**", "This changes the environment of all your programs."},
	{CHANGE, "~/.config/direnv/**", "This runs in every new shell, outside Duenna."},
	{CHANGE, "~/.local/share/applications/**", "The desktop runs what stands here, outside Duenna."},
	{CHANGE, "~/.local/share/dbus-1/**", "D-Bus starts what stands here, outside Duenna."},
	{CHANGE, "~/.pam_environment", "This changes the environment of all your programs."},
	{CHANGE, "~/.x*", "This starts with the desktop, outside Duenna."},
	{CHANGE, "/var/spool/at/**", "This runs at a set time, outside Duenna."},
	{CHANGE, "/var/spool/cron/**", "cron runs this at set times, outside Duenna."},
	{CHANGE, "/etc/cron*/**", "cron runs this at set times, outside Duenna."},
	{CHANGE, "/etc/cron*", "cron runs this at set times, outside Duenna."},
	{CHANGE, "/etc/ld.so.*", "Every program loads what is named here."},
	{CHANGE, "/etc/sudoers*", "This says who may become root."},
	{CHANGE, "/etc/sudoers.d/**", "This says who may become root."},
	{CHANGE, "/etc/**", "This changes the whole machine."},
	{CHANGE, "/usr/**", "Programs of the whole machine lie here."},
	{CHANGE, "~/bin/**", "Programs here are called by name, outside Duenna too."},
	{CHANGE, "~/.local/bin/**", "Programs here are called by name, outside Duenna too."},
	{CHANGE, "~/.cargo/bin/**", "Programs here are called by name, outside Duenna too."},
	{CHANGE, "~/go/bin/**", "Programs here are called by name, outside Duenna too."},
	{CHANGE, "~/.local/lib/python*/**", "Every Python program of yours may load this."},
	{CHANGE, "~/.gitconfig", "git runs commands that are named here."},
	{CHANGE, "~/.config/git/**", "git runs commands that are named here."},
	{CHANGE, "/**/.git/hooks/**", "git runs this whenever somebody commits, merges or pushes here."},
	{CHANGE, "/**/.git/config", "git runs commands that are named here."},
	{CHANGE, "/**/.git/modules/**", "git runs hooks and commands of submodules from here."},
	{CHANGE, "/**/.git/worktrees/**/commondir", "git runs commands that what this leads to names."},
	{CHANGE, "/**/.git/commondir", "git runs commands that what this leads to names."},
	{CHANGE, "/**/.hg/hgrc*", "Mercurial runs commands that are named here."},
	{CHANGE, "/**/.pre-commit-config.yaml", "git runs hooks that are named here."},
	{CHANGE, "/**/.husky/**", "git runs this whenever somebody commits here."},
	{CHANGE, "/**/.envrc", "direnv runs this when somebody enters the folder."},
	{CHANGE, "/**/.vscode/**", "Editors run tasks that are named here."},
	{CHANGE, "/**/.idea/**", "Editors run tasks that are named here."},
	{CHANGE, "/**/.devcontainer/**", "Editors start containers from here."},
	{CHANGE, "/**/.dir-locals*.el", "The editor runs this when it opens a file here."},
	{CHANGE, "/**/.github/workflows/**", "This runs on the forge, with the project's secrets."},
	{CHANGE, "~/.vim*", "The editor runs this when it starts."},
	{CHANGE, "~/.vim/**", "The editor runs this when it starts."},
	{CHANGE, "~/.config/nvim/**", "The editor runs this when it starts."},
	{CHANGE, "~/.emacs*", "The editor runs this when it starts."},
	{CHANGE, "~/.tmux.conf", "tmux runs commands that are named here."},

	/* What agents are told and remember. */
	{CHANGE, "/**/CLAUDE*.md", "Agents follow what stands here the next time they start."},
	{CHANGE, "/**/AGENT*.md", "Agents follow what stands here the next time they start."},
	{CHANGE, "/**/GEMINI.md", "Agents follow what stands here the next time they start."},
	{CHANGE, "/**/.cursorrules", "Agents follow what stands here the next time they start."},
	{CHANGE, "/**/.cursor/**", "Agents follow what stands here the next time they start."},
	{CHANGE, "/**/.claude/**", "An agent's settings, hooks and memory lie here."},
	{CHANGE, "~/.claude.json", "An agent's settings and MCP servers stand here."},
	{CHANGE, "/**/.codex/**", "An agent's settings and memory lie here."},
	{CHANGE, "/**/.gemini/**", "An agent's settings and memory lie here."},
	{CHANGE, "/**/.mcp.json", "Agents start the servers that are named here."},

	/* What opens other doors. */
	{READ, "~/.ssh/**", "Keys for other machines lie here."},
	{READ, "/**/id_rsa", "This is a private key."},
	{READ, "/**/id_ed25519", "This is a private key."},
	{READ, "/**/id_ecdsa", "This is a private key."},
	{READ, "~/.gnupg/**", "Private keys lie here."},
	{READ, "~/.aws/**", "Cloud credentials lie here."},
	{READ, "~/.azure/**", "Cloud credentials lie here."},
	{READ, "~/.config/gcloud/**", "Cloud credentials lie here."},
	{READ, "~/.kube/**", "Cluster credentials lie here."},
	{READ, "~/.docker/config.json", "Passwords of registries stand here."},
	{READ, "~/.config/gh/**", "A GitHub token lies here."},
	{READ, "~/.netrc", "Passwords stand here."},
	{READ, "~/.git-credentials", "Passwords stand here."},
	{READ, "~/.npmrc", "A registry token may stand here."},
	{READ, "~/.pypirc", "Registry passwords stand here."},
	{READ, "~/.password-store/**", "Passwords lie here."},
	{READ, "~/.local/share/keyrings/**", "Passwords lie here."},
	{READ, "~/.mozilla/**", "The browser's cookies and passwords lie here."},
	{READ, "~/.config/google-chrome*/**", "The browser's cookies and passwords lie here."},
	{READ, "~/.config/chromium/**", "The browser's cookies and passwords lie here."},
	{READ, "~/.*_history", "What was typed stands here, passwords among it."},
	{READ, "/**/.env", "Passwords of an application usually stand here."},
	{READ, "/**/.env.*", "Passwords of an application usually stand here."},
	{READ, "/etc/shadow*", "Password hashes stand here."},
	{READ, "/proc/*/environ", "The environment of another process, with the secrets in it."},
	{READ, "/proc/*/mem", "The memory of another process."},
	{READ, "/proc/kcore", "The memory of the whole machine."},
	{READ | CHANGE, "/dev/mem", "The memory of the whole machine."},
	{READ | CHANGE, "/dev/sd*", "A whole disk, past all file permissions."},
	{READ | CHANGE, "/dev/nvme*", "A whole disk, past all file permissions."},
	{READ | CHANGE, "/dev/dm-*", "A whole disk, past all file permissions."},
	{READ | CHANGE, "/dev/mapper/*", "A whole disk, past all file permissions."},
	{READ | CHANGE, "/dev/md*", "A whole disk, past all file permissions."},
	{READ | CHANGE, "/dev/mmcblk*", "A whole disk, past all file permissions."},
	{READ | CHANGE, "/dev/xvd*", "A whole disk, past all file permissions."},
	{READ | CHANGE, "/dev/vd*", "A whole disk, past all file permissions."},
	{READ | CHANGE, "/dev/uinput", "This types keys and moves the mouse."},
	{READ | CHANGE, "/dev/input/**", "This reads all keys that are typed."},
	{CHANGE, "/proc/sys/**", "This changes the running kernel."},
	{CHANGE, "/sys/**", "This changes the running kernel or its devices."},

	/* Processes and powers. */
	{PROCESS, "*", "This process does not belong to the tree that Duenna watches."},
	{SYSTEM, "*", "This is a power over the whole machine."},
	{RUN, "/**/ssh", "ssh runs commands on another machine, where Duenna sees nothing."},
	{RUN, "/**/docker", "What runs in a container is outside Duenna's sight."},
	{RUN, "/**/podman", "What runs in a container is outside Duenna's sight."},
	{RUN, "/**/systemd-run", "This starts a program outside Duenna's sight."},
	{RUN, "/**/crontab", "What it sets up runs later, outside Duenna's sight."},
	{RUN, "/**/at", "What it sets up runs later, outside Duenna's sight."},
};
/* clang-format on */

/* "/name/" in the pattern is in every object that it matches, but for the last slash. */
static bool has_middle(const char *pattern, struct text object)
{
	size_t length = strcspn(pattern, "*?[\\");

	length -= length > 1 && pattern[length - 1] == '/';
	return object.length > 0 &&
	       memmem(object.bytes, object.length, pattern, length) != NULL;
}

/* False for most, by what is no wildcard in them: no need to compile them. */
static bool may_match(
	const char *pattern, struct text object, const struct rule_variables *variables)
{
	static const char anywhere[] = "/**";

	if (strncmp(pattern, anywhere, sizeof(anywhere) - 1) == 0) {
		return has_middle(pattern + sizeof(anywhere) - 1, object);
	}
	if (pattern[0] == '~') {
		const char *home = variables->home;

		return home && text_path_is_below(object, text_of(home)) &&
		       has_middle(pattern + 1, object);
	}
	size_t literal = strcspn(pattern, "*?[\\");
	bool is_fixed = pattern[0] == '/';

	return !is_fixed || (object.length >= literal &&
				    memcmp(object.bytes, pattern, literal) == 0);
}

static bool danger_matches(const struct danger *danger, const struct action *action,
	const struct rule_variables *variables)
{
	char text[64];
	struct rule rule = {.verbs = danger->verbs, .pattern = text};
	struct pattern pattern;
	struct text no_name = {NULL, 0};

	if (!(danger->verbs & (1U << action->verb)) ||
		!may_match(danger->pattern, action->object, variables) ||
		strlen(danger->pattern) >= sizeof(text)) {
		return false;
	}
	memcpy(text, danger->pattern, strlen(danger->pattern) + 1);
	if (!pattern_compile(&rule, variables, &pattern)) {
		return false;
	}
	bool matches = pattern_matches(&pattern, action, no_name);
	for (size_t i = 0; i < action->endpoint.name_count && !matches; i++) {
		matches = pattern_matches(&pattern, action, action->endpoint.names[i]);
	}
	pattern_finish(&pattern);
	return matches;
}

const char *danger_note(
	const struct action *action, const struct rule_variables *variables)
{
	for (size_t i = 0; i < sizeof(dangers) / sizeof(dangers[0]); i++) {
		if (danger_matches(&dangers[i], action, variables)) {
			return dangers[i].note;
		}
	}
	return NULL;
}
