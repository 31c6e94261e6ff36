/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The manual page and the completions for two shells, from the same tables as help, at build time
 * and with `help --man`. The completions know the command by the first word that is neither an
 * option nor the value of one, as the parser does; which files fit an argument they do not know.
 */
#include "cli/manual.h"

/*
 * Nothing of text is taken for a request of roff: a dot or quote at the start of a line, a
 * backslash.
 */
static void roff(FILE *out, const char *text)
{
	bool start = true;
	for (; *text; text++) {
		if (start && (*text == '.' || *text == '\''))
			fputs("\\&", out);
		if (*text == '\\')
			fputs("\\e", out);
		else if (*text == '-')
			fputs("\\-", out);
		else
			putc(*text, out);
		start = *text == '\n';
	}
}

/* An option as .TP: name and argument in front, its help indented below. */
static void man_options(FILE *out, const struct cli_option *o)
{
	for (; o && o->name; o++) {
		fputs(".TP\n.B ", out);
		if (o->letter)
			fprintf(out, "\\-%c, ", o->letter);
		fputs("\\-\\-", out);
		roff(out, o->name);
		if (o->argument) {
			fputs("\\fR \\fI", out);
			roff(out, o->argument);
			fputs("\\fR", out);
		}
		putc('\n', out);
		roff(out, o->help);
		putc('\n', out);
	}
}

/* Details are lines made for a terminal: they stay as they are. */
static void man_command(FILE *out, const struct cli_command *c)
{
	fputs(".SS \"", out);
	roff(out, c->name);
	if (c->arguments[0]) {
		putc(' ', out);
		roff(out, c->arguments);
	}
	fputs("\"\n", out);
	roff(out, c->summary);
	fputs(".\n", out);
	if (c->details) {
		fputs(".PP\n.nf\n", out);
		roff(out, c->details);
		fputs(".fi\n", out);
	}
	man_options(out, c->options);
}

/* No date: the page would differ from build to build. */
void cli_print_man(FILE *out)
{
	fputs(".TH FARFLASH 1 \"\" \"farflash " FARFLASH_VERSION "\" \"User Commands\"\n"
	      ".SH NAME\nfarflash \\- program flash behind another chip or core\n"
	      ".SH SYNOPSIS\n.B farflash\n[\\fIOPTIONS\\fR] \\fICOMMAND\\fR [\\fIOPTIONS\\fR] "
	      "[\\fIARGUMENTS\\fR]\n"
	      ".SH DESCRIPTION\nOptions may stand before or after the command. Numbers are decimal "
	      "or 0x hexadecimal; k and M mean 1024 and 1024 * 1024. In names of commands and "
	      "options _ may be typed for \\-.\n"
	      ".SH COMMANDS\n",
	      out);
	for (size_t i = 0; cli_commands[i]; i++)
		man_command(out, cli_commands[i]);
	fputs(".SH OPTIONS OF ALL COMMANDS\n", out);
	man_options(out, cli_global_options);
	fputs(".SH ENVIRONMENT\n.TP\n.B FARFLASH_PORT, FARFLASH_BAUD, FARFLASH_NO_STUB, ...\n"
	      "The option of that name, if it is not given. Flags are yes or no. Not for "
	      "\\-\\-json, \\-\\-help and \\-\\-version.\n"
	      ".TP\n.B ESPTOOL_PORT, ESPTOOL_BAUD, ESPTOOL_CHIP, ESPTOOL_BEFORE, "
	      "ESPTOOL_AFTER\nThe same, if that is not set "
	      "either.\n"
	      ".TP\n.B FARFLASH_CONFIG\nThe one file to read instead of those below; empty: none.\n"
	      ".SH FILES\n.TP\n.I ~/.config/farflash.conf\n"
	      "Lines NAME = VALUE, with names of options; # begins a comment. In "
	      "$XDG_CONFIG_HOME if that is set.\n"
	      ".TP\n.I farflash.conf\nThe same for the current folder; it goes before the other. "
	      "The environment goes before both.\n"
	      ".SH EXIT STATUS\n0 done, 2 usage, 3 no connection, 4 time\\-out or lost line, 5 "
	      "protocol error, 6 refused by the target, 7 verify mismatch, 8 not supported, 9 "
	      "local "
	      "file, 130 interrupted.\n",
	      out);
}

/* The names of the options of one table, and the letters of those that have one. */
static void option_words(FILE *out, const struct cli_option *o)
{
	for (; o && o->name; o++) {
		fprintf(out, " --%s", o->name);
		if (o->letter)
			fprintf(out, " -%c", o->letter);
	}
}

/* A case for each command that has options, in the shell's syntax. */
static void option_cases(FILE *out)
{
	for (size_t i = 0; cli_commands[i]; i++) {
		if (!cli_commands[i]->options)
			continue;
		fprintf(out, "\t%s) options=\"$options", cli_commands[i]->name);
		option_words(out, cli_commands[i]->options);
		fputs("\" ;;\n", out);
	}
}

/* An option with a value takes the word behind it, which is no command then. */
static void value_words(FILE *out, const struct cli_option *o)
{
	const char *between = "";
	for (; o->name; o++) {
		if (o->kind == CLI_FLAG)
			continue;
		fprintf(out, "%s--%s", between, o->name);
		if (o->letter)
			fprintf(out, "|-%c", o->letter);
		between = "|";
	}
}

/*
 * The shell code that both share, but for the name of the array of words and where it starts: it
 * sets command and the options that go with it.
 */
static void find_command(FILE *out, const char *words, const char *first, const char *last)
{
	fprintf(out,
		"\tlocal i command= options=\n"
		"\tfor ((i = %s; i < %s; i++)); do\n"
		"\t\tcase ${%s[i]} in\n"
		"\t\t",
		first, last, words);
	value_words(out, cli_global_options);
	fprintf(out,
		") ((i++)) ;;\n"
		"\t\t-*) ;;\n"
		"\t\t*) command=${%s[i]//_/-}; break ;;\n"
		"\t\tesac\n"
		"\tdone\n"
		"\toptions=\"",
		words);
	option_words(out, cli_global_options);
	fputs("\"\n\tcase $command in\n", out);
	option_cases(out);
	fputs("\tesac\n", out);
}

/* In the order of the table, with blanks between. */
static void command_words(FILE *out)
{
	for (size_t i = 0; cli_commands[i]; i++)
		fprintf(out, "%s%s", i ? " " : "", cli_commands[i]->name);
}

/* Behind the command there are files, whatever they are for: addresses cannot be completed. */
void cli_print_bash(FILE *out)
{
	fputs("# bash completion for farflash\n_farflash()\n{\n"
	      "\tlocal word=${COMP_WORDS[COMP_CWORD]}\n",
	      out);
	find_command(out, "COMP_WORDS", "1", "COMP_CWORD");
	fputs("\tif [[ $word == -* ]]; then\n"
	      "\t\tCOMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
	      "\telif [[ -z $command || $command == help ]]; then\n"
	      "\t\tCOMPREPLY=($(compgen -W \"",
	      out);
	command_words(out);
	fputs("\" -- \"$word\"))\n"
	      "\telse\n"
	      "\t\tCOMPREPLY=($(compgen -f -- \"$word\"))\n"
	      "\tfi\n}\n"
	      "complete -o filenames -F _farflash farflash\n",
	      out);
}

/* The same for compadd, whose array begins at 1: word 2 is the first behind farflash. */
void cli_print_zsh(FILE *out)
{
	fputs("#compdef farflash\n_farflash()\n{\n", out);
	find_command(out, "words", "2", "CURRENT");
	fputs("\tif [[ ${words[CURRENT]} == -* ]]; then\n"
	      "\t\tcompadd -- ${=options}\n"
	      "\telif [[ -z $command || $command == help ]]; then\n"
	      "\t\tcompadd -- ",
	      out);
	command_words(out);
	fputs("\n\telse\n\t\t_files\n\tfi\n}\n_farflash \"$@\"\n", out);
}
