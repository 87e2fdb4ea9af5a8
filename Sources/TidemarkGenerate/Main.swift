import ContractEngine
import ContractGenerator

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The build plugin's tool: hints in, one file of Swift out. What a person runs is `tidemark generate`.
@main
enum Main {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count == 2 else {
            fail("usage: TidemarkGenerate HINTS OUTPUT.swift; HINTS names the contract and the documents beside it", 2)
        }
        do {
            try generate(hints: arguments[0], output: arguments[1])
        } catch let error as ContractError {
            // The form in which compilers tell where: editors and Xcode show it at its place.
            for problem in error.problems {
                let place = [problem.line, problem.column].prefix { $0 != nil }.compactMap { $0.map(String.init) }
                write("\(([problem.file] + place).joined(separator: ":")): error: \(problem.text)\n")
            }
            exit(2)
        } catch let error as OutputDirectory.Failure {
            fail(error.description, 3)
        } catch {
            fail("\(error)", 3)
        }
    }

    private static func generate(hints path: String, output: String) throws {
        let hints = try GenerationHints.load(path: path)
        let folder = parent(of: path)
        func place(_ name: String) -> String? {
            hints.documents[name].map { $0.hasPrefix("/") ? $0 : "\(folder)/\($0)" }
        }
        guard let contract = place("contract") else {
            throw ContractError(
                file: path, line: 1, text: "it names no `contract`; write its path, from this file's folder")
        }
        let document = try ContractDocument.load(
            contractPath: contract, patternsPath: place("patterns"), modelPath: place("model"),
            mappingPath: place("mapping"))
        for guess in Guess.readings(in: document) { write("\(guess.place ?? contract): note: \(guess.text)\n") }
        let name = output.split(separator: "/").last.map(String.init) ?? output
        let code = try GeneratedCode.makeSingleFile(document, hints: hints, name: name)
        for remark in code.remarks { write("\(contract): note: \(remark)\n") }
        let directory = OutputDirectory(path: parent(of: output))
        let difference = try directory.compare(code)
        guard difference.foreign.isEmpty else { fail("\(output) is no generated file: it is left alone", 4) }
        try directory.write(code, OutputDirectory.Difference(changed: difference.changed))
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    private static func write(_ text: String) {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { buffer in
                buffer.baseAddress.map { Self.systemWrite(STDERR_FILENO, $0, buffer.count) } ?? 0
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private static func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
        #if canImport(Glibc)
            Glibc.write(descriptor, bytes, count)
        #elseif canImport(Musl)
            Musl.write(descriptor, bytes, count)
        #else
            Darwin.write(descriptor, bytes, count)
        #endif
    }

    private static func fail(_ message: String, _ status: Int32) -> Never {
        write("error: \(message)\n")
        exit(status)
    }
}
