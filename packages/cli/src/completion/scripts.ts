import type { CompletedCommand, CompletedFlag, Shell } from "./completed.js";

type Commands = readonly CompletedCommand[];

/** A text within single quotes of a shell. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const namesOf = (commands: Commands): string => commands.map(({ name }) => name).join(" ");

/** Flags whose values are chosen, each once: they have the same choices in all commands. */
function choosing(commands: Commands): readonly CompletedFlag[] {
  const flags = commands.flatMap((command) => command.flags);
  const byName = new Map(flags.map((one) => [one.flag, one]));
  return [...byName.values()].filter(({ choices }) => choices.length > 0);
}

/** The completion of bash: words of a command line, where the cursor stands, become COMPREPLY. */
function bash(commands: Commands): string {
  const values = choosing(commands).map(
    ({ choices, flag }) => `    ${flag}) words=${quoted(choices.join(" "))} ;;`,
  );
  const flags = commands.map(
    ({ flags: own, name }) =>
      `          ${name}) words=${quoted(own.map(({ flag }) => flag).join(" "))} ;;`,
  );
  const words = commands.flatMap((command) =>
    command.words.length === 0
      ? []
      : [`          ${command.name}) words=${quoted(command.words.join(" "))} ;;`],
  );
  return `# completion of ligo for bash: eval "$(ligo completion bash)"
_ligo() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" words=''
  if [ "$COMP_CWORD" -eq 1 ]; then
    words=${quoted(`${namesOf(commands)} --help --version`)}
  else case "$before" in
${values.join("\n")}
    *)
      case "$current" in
        -*) case "\${COMP_WORDS[1]}" in
${flags.join("\n")}
        esac ;;
        *) case "\${COMP_WORDS[1]}" in
${words.join("\n")}
        esac ;;
      esac ;;
  esac fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o default -F _ligo ligo
`;
}

/** A name and its description, as `_describe` of zsh takes them. */
const described = (name: string, says: string): string =>
  quoted(`${name.replaceAll(":", "\\:")}:${says}`);

function zsh(commands: Commands): string {
  const values = choosing(commands).map(
    ({ choices, flag }) => `    ${flag}) compadd -- ${choices.map(quoted).join(" ")}; return ;;`,
  );
  const flags = commands.map(
    ({ flags: own, name }) =>
      `      ${name}) found=(${own.map(({ flag, says }) => described(flag, says)).join(" ")}) ;;`,
  );
  const words = commands.flatMap((command) =>
    command.words.length === 0
      ? []
      : [`    ${command.name}) compadd -- ${command.words.map(quoted).join(" ")}; return ;;`],
  );
  return `#compdef ligo
# completion of ligo for zsh: eval "$(ligo completion zsh)", after compinit
_ligo() {
  local -a found
  if (( CURRENT == 2 )); then
    found=(${commands.map(({ name, says }) => described(name, says)).join(" ")})
    _describe -t commands command found
    return
  fi
  case "\${words[CURRENT-1]}" in
${values.join("\n")}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then
    case "\${words[2]}" in
${flags.join("\n")}
    esac
    _describe -o -t options option found
    return
  fi
  case "\${words[2]}" in
${words.join("\n")}
  esac
  _files
}
compdef _ligo ligo
`;
}

function fish(commands: Commands): string {
  const lines = commands.flatMap(({ flags, name, says, words }) => {
    const inCommand = `complete -c ligo -n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c ligo -n __fish_use_subcommand -f -a ${name} -d ${quoted(says)}`,
      ...(words.length === 0 ? [] : [`${inCommand} -f -a ${quoted(words.join(" "))}`]),
      ...flags.map(({ choices, flag, says: meaning, takesValue }) => {
        const chosen = choices.length === 0 ? "" : ` -x -a ${quoted(choices.join(" "))}`;
        const value = takesValue && choices.length === 0 ? " -r" : chosen;
        return `${inCommand} -l ${flag.slice(2)}${value} -d ${quoted(meaning)}`;
      }),
    ];
  });
  return `# completion of ligo for fish: ligo completion fish > ~/.config/fish/completions/ligo.fish\n${lines.join("\n")}\n`;
}

const SCRIPTS: Readonly<Record<Shell, (commands: Commands) => string>> = { bash, zsh, fish };

/** The script that completes command lines in a shell. */
export const completionScript = (shell: Shell, commands: Commands): string =>
  SCRIPTS[shell](commands);
