import ArgumentParser
import ContractEngine

/// What capacity is reckoned with where the documents say nothing.
struct AssumptionOptions: ParsableArguments {
    @Option(
        name: .customLong("assume"),
        help: ArgumentHelp(
            "An assumption in place of the default, such as items-per-query=20 or items.Users=1000000; repeatable.",
            discussion: CapacityAssumptions.words.map { "\($0.name): \($0.meaning)" }.joined(separator: "\n"),
            valueName: "name=value"))
    var assumed: [String] = []

    @Option(name: .customLong("assumptions"), help: "A file of assumptions (YAML or JSON); --assume goes before it.")
    var file: String?

    /// The file's, then the command line's; every name must be one of the documents'.
    func load(for document: ContractDocument) throws -> CapacityAssumptions {
        var assumptions = CapacityAssumptions()
        if let file { assumptions = try CapacityAssumptions.read(try SourceText.read(path: file)) }
        for text in assumed {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2 else {
                throw CommandFailure(.usage, "--assume \(text) has no value; write it as items-per-query=20")
            }
            do {
                try assumptions.set(parts[0], to: parts[1])
            } catch {
                throw CommandFailure(.usage, error.message)
            }
        }
        let strangers = assumptions.strangers(in: document)
        guard strangers.isEmpty else {
            throw CommandFailure(
                .usage, "nothing in the documents is called as in the assumption \(strangers.joined(separator: ", "))")
        }
        return assumptions
    }
}
