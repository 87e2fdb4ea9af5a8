import ArgumentParser

struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Look at everything that the agent or a service needs, and say what to do where something is wrong.",
        discussion: """
            Without a name it looks at the agent.

            Example: tidemark doctor --config /etc/tidemark/agent.yaml
            Example: tidemark doctor runtime --table Orders
            """,
        subcommands: [AgentDoctorCommand.self, RuntimeDoctorCommand.self], defaultSubcommand: AgentDoctorCommand.self)
}
