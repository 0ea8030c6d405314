//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// A self-hosted AI chat server. Without a command it serves, by default on http://127.0.0.1:3000.
#[derive(Debug, Parser)]
#[command(name = "colloquy", version, about)]
pub struct Cli {
    /// What outranks file and environment.
    #[command(flatten)]
    pub flags: Flags,
    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do instead of serving.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Print the settings that are in effect, with secrets hidden
    Config {
        /// Print every setting with its manual and its default instead: a colloquy.toml to begin with
        #[arg(long)]
        default: bool,
    },
    /// Ask the server that runs with these settings whether it is well
    Health,
    /// Print the OpenAPI document of the native API
    Openapi {
        /// Print the documents of all APIs instead, by the name of each
        #[arg(long)]
        all: bool,
    },
}

/// Settings of the command line: they outrank file and environment.
#[derive(Debug, Clone, Default, Args)]
pub struct Flags {
    /// Address to listen on, with or without a port, such as 0.0.0.0 or `[::]:8080`
    #[arg(long, global = true, value_name = "ADDRESS")]
    pub listen: Option<String>,
    /// Port to listen on
    #[arg(long, global = true)]
    pub port: Option<u16>,
    /// Directory of the database, the signing key and the uploaded files
    #[arg(long, global = true, value_name = "DIRECTORY")]
    pub data_dir: Option<PathBuf>,
    /// Settings file [default: colloquy.toml in the working directory, if there is one]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// `sqlite:<file>` or postgres://user:password@host/name
    #[arg(long, global = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// What to log: error, warn, info, debug, trace, also by module, such as info,sqlx=debug
    #[arg(long, global = true, value_name = "LEVEL")]
    pub log: Option<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_stand_before_and_after_the_command() {
        for line in [["colloquy", "--port", "1", "config"], ["colloquy", "config", "--port", "1"]] {
            let cli = Cli::try_parse_from(line).unwrap();
            assert_eq!((cli.command, cli.flags.port), (Some(Command::Config { default: false }), Some(1)));
        }
    }
}
