import ContractEngine

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The real documents that lie beside the project, where they do.
enum SharedDocuments {
    /// The folder of the real documents; nil where there is none.
    static let root: String? = {
        let folder = environment("TIDEMARK_SHARED") ?? besideThePackage()
        let documents = folder + "/modernizer/artifacts/stage-02"
        return access(documents + "/migrationContract.json", R_OK) == 0 ? documents : nil
    }()

    static var exist: Bool { root != nil }

    struct Missing: Error {}

    static func text(_ name: String) throws -> String {
        guard let root else { throw Missing() }
        return String(decoding: try SourceText.read(path: "\(root)/\(name)").bytes, as: UTF8.self)
    }

    /// The real documents, read as they are or after `edit` has changed the texts by name.
    static func document(_ edit: (inout [String: String]) throws -> Void = { _ in }) throws -> ContractDocument {
        var texts: [String: String] = [:]
        for name in [contract, patterns, model] { texts[name] = try text(name) }
        try edit(&texts)
        return try ContractDocument.read(
            contract: SourceText(name: contract, text: texts[contract] ?? ""),
            patterns: SourceText(name: patterns, text: texts[patterns] ?? ""),
            model: SourceText(name: model, text: texts[model] ?? ""))
    }

    static let contract = "migrationContract.json"
    static let patterns = "access_patterns_with_rps.md"
    static let model = "dynamodb_data_model.md"

    private static func besideThePackage() -> String {
        guard let resolved = realpath(#filePath, nil) else { return "../shared" }
        defer { free(resolved) }
        let parts = String(cString: resolved).split(separator: "/").dropLast(4)
        return "/" + parts.joined(separator: "/") + "/shared"
    }

    private static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
