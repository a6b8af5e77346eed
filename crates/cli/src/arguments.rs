//! The command line: subcommands, their arguments, and what `--help` says of them.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use trapkey::{Semantics, Target};

const EXIT_STATUS: &str = "\
Exit status:
  0  done; check: nothing is refused; decide: allow; test: every case passed
  1  failed: findings that refuse, unreadable input, a failed case, no decision for want of
     a usable bundle, entities or request
  2  the command line cannot be used
  3  decide: deny

With --json, standard output holds JSON alone: one object, or for demo one object per line.
Whatever fails is then {\"error\": {\"kind\", \"message\", \"causes\"}}, with `diagnostics` if
the compiler refuses. `trapkey <COMMAND> --help` says which fields each command has.";

const CHECK_FIELDS: &str = "\
Fields with --json:
  ok           whether the policies compile
  diagnostics  list of { severity, source, file, start, end, line, column, message, help }:
               severity is `error` or `warning`, source `policies`, `schema` or `links`, start and end are
               bytes of the file, line and column count from 1; what is unknown is null
  faults       list of { policy, effect, error, entity_types, actions, start, end, file, line,
               column }: what evaluation may still meet where facts and requests conform; error is
               `entity-missing`, `overflow` or `extension`, entity_types may be missing";

const BUILD_FIELDS: &str = "\
Fields with --json:
  path, digest, bytes { bundle, module }, entity_types, actions, environments, policies,
  templates, conditions, warnings (as `diagnostics` of check),
  precompiled: list of { path, target, bytes };
with --target envoy: path, digest (of the filter), bundle_digest, bytes, entities, image";

const INSPECT_FIELDS: &str = "\
Fields with --json:
  name, version, sequence, compiler, abi, semantics { forbid_errors, stages, expiry },
  digest, module_digest, schema_digest, layout_digest, bytes { bundle, module },
  memory { pages, frames_offset, frames_bytes, frame_bytes_max, responses_offset,
  responses_bytes, response_bytes_max }, exports [{ name, kind, type }], functions,
  entity_types, actions, environments, policies: the number of policies or, with --policies, a
  list of { id, cedar_id, effect, stage, is_template, annotations, obligations, expires, span,
  places, faults as check has them }, wat: the module's text with --wat, else null;
  of a module that was compiled ahead of time: target, engine, signal_handlers, bundle (its digest),
  bytes { artefact, code }";

const DECIDE_FIELDS: &str = "\
Fields with --json:
  verdict      `allow` or `deny`
  reason       `permitted`, `forbidden`, `not-permitted`, `forbid-erred` or `failed`
  failure      why no decision was reached, else null
  generation, bundle_digest
  determining  list of { id, cedar_id, effect }
  observed     the same, for satisfied policies that are only observed
  erring       list of { id, cedar_id, effect, error, start, end, file, line, column }: the place
               in the policies' text; file, line and column with --source
  obligations  list of { name, argument }";

const TEST_FIELDS: &str = "\
Fields with --json:
  semantics, passed, failed,
  cases: list of { folder, name, outcome, differences }, outcome being `passed`, `refused` (the
  compiler refuses what Cedar's test calls invalid: passed) or `failed`; without -v only the
  failed ones";

const GENERATE_FIELDS: &str = "\
Fields with --json:
  schema, layout_digest, entity_types, actions, path: the file or null, text: the module, or null
  if it went to a file";

const DEMO_FIELDS: &str = "\
One object per line with --json; `event` says which:
  compiled   name, policies, conditions, module_bytes, digest, milliseconds
  published  time, name, version, generation, milliseconds
  rollback   the same
  fact       time, entity { type, id }, change
  decision   time, principal, action, resource, request, and the fields of decide
  traffic    threads, milliseconds, decisions, decisions_per_second,
             latency_ns { p50, p99, p999, max }, generations [{ generation, decisions }],
             failed, mixed
  summary    allowed, denied, unexpected, traffic_ok

The exit status is 1 if a decision is not the one that the script expects, or an answer under
load is lost or not of its generation.";

/// Checks, builds, inspects, decides, tests and shows Cedar policies compiled to WebAssembly.
#[derive(Debug, Parser)]
#[command(name = "trapkey", version, after_help = EXIT_STATUS, subcommand_required = true)]
pub(crate) struct Arguments {
    /// Print JSON instead of text.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print every finding of the compiler with its place in the sources.
    #[command(after_long_help = CHECK_FIELDS)]
    Check(CheckArguments),
    /// Compile policies and pack them into a bundle file, or build them into a filter for a proxy.
    #[command(after_long_help = BUILD_FIELDS)]
    Build(BuildArguments),
    /// Put a filter where a proxy takes it up.
    #[command(subcommand)]
    Push(PushCommand),
    /// Say what a bundle holds.
    #[command(after_long_help = INSPECT_FIELDS)]
    Inspect(InspectArguments),
    /// Write source code with a type for each request of a schema.
    #[command(after_long_help = GENERATE_FIELDS)]
    Generate(GenerateArguments),
    /// Decide one request; the exit status is the verdict.
    #[command(after_long_help = DECIDE_FIELDS)]
    Decide(DecideArguments),
    /// Say why a request is decided so, and what would allow it; the exit status is the verdict.
    Explain(ExplainArguments),
    /// Run the cases of folders; the last line says how many passed and failed.
    #[command(after_long_help = TEST_FIELDS)]
    Test(TestArguments),
    /// Play a shift in the example plant, and swap policies under load.
    #[command(after_long_help = DEMO_FIELDS)]
    Demo(DemoArguments),
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// What to compile.
    #[command(flatten)]
    pub(crate) sources: SourceArguments,
    /// Refuse a forbid that can err: under Trapkey's rule it denies then, under Cedar's it is
    /// skipped.
    #[arg(long)]
    pub(crate) strict: bool,
    /// Print what each policy may still meet at run time, and where.
    #[arg(long)]
    pub(crate) errors: bool,
}

/// Where policies and schema are.
#[derive(Debug, Args)]
pub(crate) struct SourceArguments {
    /// Cedar files, or folders: their *.cedar in the order of their names, and their *.cedarschema.
    #[arg(required = true, value_name = "POLICIES")]
    pub(crate) policies: Vec<PathBuf>,
    /// Schema in Cedar's syntax or its JSON form [default: the *.cedarschema of a given folder].
    #[arg(long, value_name = "FILE")]
    pub(crate) schema: Option<PathBuf>,
    /// Template links as Cedar's command line writes them: a JSON list of { template_id, link_id,
    /// args } [default: the links.json of a given folder].
    #[arg(long, value_name = "FILE")]
    pub(crate) links: Option<PathBuf>,
}

/// Arguments of `build`.
#[derive(Debug, Args)]
pub(crate) struct BuildArguments {
    /// Put the module that `explain` needs into the bundle.
    #[arg(long)]
    pub(crate) explain: bool,
    /// What to compile.
    #[command(flatten)]
    pub(crate) sources: SourceArguments,
    /// What is built.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) target: BuildTarget,
    /// Which requests of the proxy are which questions, in TOML.
    #[arg(long, value_name = "M.toml", required_if_eq("target", "envoy"))]
    pub(crate) mapping: Option<PathBuf>,
    /// Entities that a filter is built with, in Cedar's JSON [default: the entities.json beside the schema].
    #[arg(long, value_name = "FILE")]
    pub(crate) entities: Option<PathBuf>,
    /// Write the entities as a file of their own, which `push` takes in place of those of the filter.
    #[arg(long, value_name = "OUT.tki")]
    pub(crate) image: Option<PathBuf>,
    /// Where the bundle or the filter goes; an existing file is replaced at once or not at all.
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// Name of the policy set.
    #[arg(long)]
    pub(crate) name: String,
    /// Version of the policy set; not interpreted.
    #[arg(long, value_name = "VERSION")]
    pub(crate) bundle_version: String,
    /// Sequence number; a later bundle of the same name has a larger one.
    #[arg(long, value_name = "N")]
    pub(crate) sequence: u64,
    /// How errors and stages count.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) semantics: Rules,
    /// Compile the module ahead of time for a machine, into OUT.TRIPLE.tkc beside the bundle; may be repeated. Such a
    /// file is native code: who can write it can run code in the process that loads it, so it belongs into a
    /// signed image and not where bundles come from.
    #[arg(long, value_name = "TRIPLE")]
    pub(crate) target_triple: Vec<Target>,
    /// Compile ahead of time for engines that install signal handlers; those of the C library do not.
    #[arg(long, requires = "target_triple")]
    pub(crate) signal_handlers: bool,
}

/// What `build` makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum BuildTarget {
    /// A bundle, for engines.
    #[default]
    Bundle,
    /// A proxy-wasm filter with policies, schema and entities.
    Envoy,
    /// A component that exports `trapkey:policy/authorizer`.
    Component,
}

/// Where `push` puts a filter.
#[derive(Debug, Subcommand)]
pub(crate) enum PushCommand {
    /// Into a file that Envoy watches (ECDS): written whole, then renamed.
    Envoy(PushArguments),
}

/// Arguments of `push envoy`.
#[derive(Debug, Args)]
pub(crate) struct PushArguments {
    /// The file that Envoy watches.
    #[arg(long, value_name = "ECDS.json")]
    pub(crate) file: PathBuf,
    /// The filter, from `build --target envoy`.
    #[arg(long, value_name = "FILTER.wasm")]
    pub(crate) module: PathBuf,
    /// The filter's name in Envoy's configuration.
    #[arg(long, default_value = "trapkey")]
    pub(crate) name: String,
    /// Which chain it is for.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) chain: ChainName,
    /// What Envoy does while the filter cannot run; neither lets a request pass.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) failure: FailureName,
    /// Entities in place of those that the filter was built with, from `build --image`.
    #[arg(long, value_name = "FILE.tki")]
    pub(crate) image: Option<PathBuf>,
}

/// A chain of filters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ChainName {
    /// HTTP requests.
    #[default]
    Http,
    /// Connections.
    Network,
}

/// What a failure means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailureName {
    /// Envoy starts the filter anew, and denies meanwhile.
    #[default]
    Reload,
    /// Envoy denies until the next push.
    Closed,
}

/// Arguments of `inspect`.
#[derive(Debug, Args)]
pub(crate) struct InspectArguments {
    /// The bundle, or a module that was compiled ahead of time.
    pub(crate) bundle: PathBuf,
    /// Print the module's text, and nothing else unless with --json.
    #[arg(long)]
    pub(crate) wat: bool,
    /// Print what each policy is.
    #[arg(long)]
    pub(crate) policies: bool,
}

/// Arguments of `generate`.
#[derive(Debug, Args)]
pub(crate) struct GenerateArguments {
    /// The language of the source code.
    #[arg(value_enum)]
    pub(crate) language: Language,
    /// Schema in Cedar's syntax or its JSON form; `-` is standard input.
    #[arg(value_name = "SCHEMA")]
    pub(crate) schema: PathBuf,
    /// Where the code goes; an existing file is replaced at once or not at all [default: standard
    /// output].
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// How all names of a C header begin [default: the schema's name].
    #[arg(long, value_name = "NAME")]
    pub(crate) prefix: Option<String>,
}

/// A language that source code is generated in.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Language {
    /// A Rust module; the crate that it is part of depends on `trapkey`.
    Rust,
    /// A C99 header, which is C++ too; it includes `trapkey.h`.
    C,
}

/// Arguments of `decide`.
#[derive(Debug, Args)]
pub(crate) struct DecideArguments {
    /// The bundle.
    #[arg(long, value_name = "FILE")]
    pub(crate) bundle: PathBuf,
    /// Entities in Cedar's JSON; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) entities: PathBuf,
    /// Request in Cedar's JSON; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) request: PathBuf,
    /// What the bundle was built from, in the same order: errors are then shown as file, line
    /// and column, else as bytes.
    #[arg(long, value_name = "POLICIES", num_args = 1..)]
    pub(crate) source: Vec<PathBuf>,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub(crate) struct ExplainArguments {
    /// The bundle, built with --explain.
    #[arg(long, value_name = "FILE")]
    pub(crate) bundle: PathBuf,
    /// Entities in Cedar's JSON; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) entities: PathBuf,
    /// Request in Cedar's JSON; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) request: PathBuf,
    /// What the bundle was built from, in the same order: clauses are then shown in it, else as
    /// bytes.
    #[arg(long, value_name = "POLICIES", num_args = 1..)]
    pub(crate) policies: Vec<PathBuf>,
    /// Say only what the requester may know.
    #[arg(long)]
    pub(crate) redacted: bool,
}

/// Arguments of `test`.
#[derive(Debug, Args)]
pub(crate) struct TestArguments {
    /// Case folders, folders of them, or tests in Cedar's own format (a file or a folder).
    #[arg(required = true, value_name = "FOLDER")]
    pub(crate) folders: Vec<PathBuf>,
    /// How errors and stages count.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) semantics: Rules,
    /// Print the cases that pass too.
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArguments {
    /// Keep the load to a quarter of a second.
    #[arg(long)]
    pub(crate) quick: bool,
}

/// How errors, stages and expiry count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Rules {
    /// An erring forbid denies; observed policies are reported and decide nothing.
    #[default]
    Trapkey,
    /// As Cedar decides: erring policies are skipped, annotations mean nothing.
    Cedar,
}

impl Rules {
    /// What the compiler is told.
    pub(crate) fn semantics(self) -> Semantics {
        match self {
            Self::Trapkey => Semantics::TRAPKEY,
            Self::Cedar => Semantics::CEDAR,
        }
    }

    /// The value on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Trapkey => "trapkey",
            Self::Cedar => "cedar",
        }
    }
}
