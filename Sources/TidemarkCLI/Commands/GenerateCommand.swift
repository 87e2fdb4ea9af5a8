import ArgumentParser
import ContractEngine
import ContractGenerator

struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate",
        abstract: "Generate Swift types and repositories from a contract: a method for each access pattern.",
        discussion: """
            Writes a type and a repository for each kind of item, and lists what serves each pattern and why some have no \
            method. Files without this command's first line are yours: they are never touched, and one that stands in the \
            way is a reason to stop (exit code 4).

            With --check nothing is written; exits 1 when generating would change something.

            Example: tidemark generate Examples/migrationContract.json --hints Examples/tidemark-generate.yaml -o Sources/Model
            """)

    @OptionGroup var contract: ContractOptions

    @Option(name: [.short, .long], help: "The directory that the files are written to.")
    var output: String

    @Option(help: "Names and types of Swift, and protocols to conform to (YAML or JSON).")
    var hints: String?

    @Flag(help: "Write nothing; exit 1 when generating would change something.")
    var check = false

    func run() throws {
        let document = try contract.load()
        let said = try hints.map { path throws(ContractError) in try GenerationHints.load(path: path) }
        let code = try GeneratedCode.make(document, hints: said ?? GenerationHints())
        let directory = OutputDirectory(path: output)
        do {
            let difference = try directory.compare(code)
            if check { return try report(difference) }
            if let first = difference.foreign.first {
                throw CommandFailure(
                    .refused,
                    "\(output)/\(first) was not generated and is left alone: move it away, or give its type another name with "
                        + "--hints")
            }
            try directory.write(code, difference)
            list(code, difference)
        } catch let error as OutputDirectory.Failure {
            throw CommandFailure(.unavailable, error.description)
        }
    }

    private func report(_ difference: OutputDirectory.Difference) throws {
        for name in difference.changed { print("\(output)/\(name) would change") }
        for name in difference.stale { print("\(output)/\(name) would be removed") }
        for name in difference.foreign { print("\(output)/\(name) is not generated and stands in the way") }
        if !difference.isEmpty { throw ExitCode(ExitStatus.findings.rawValue) }
    }

    private func list(_ code: GeneratedCode, _ difference: OutputDirectory.Difference) {
        let rows = code.patterns.map { $0.split(separator: "\t").map(String.init) }
        let widths = (0..<2).map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            let padded = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
            print((padded + row.dropFirst(2)).joined(separator: "  "))
        }
        if !rows.isEmpty { print("") }
        for remark in code.remarks { print("\(remark).") }
        if !code.remarks.isEmpty { print("") }
        print(
            "\(output): \(code.files.count) files, \(difference.changed.count) written, \(difference.stale.count) removed"
        )
    }
}
