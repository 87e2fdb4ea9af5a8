public import ContractModel

/// A contract with everything that was read beside it: patterns, data model, mapping.
public struct ContractDocument: Sendable {
    /// The tables.
    public var contract: MigrationContract
    /// The access patterns with their operations resolved to the contract's tables and indexes, in the documents' order.
    public var patterns: [AccessPattern]
    /// The contract's file, as the caller named it.
    public var contractFile: String
    /// The documents as they were read, with the places of everything, for `lint`.
    package var sources: DocumentSources

    /// Makes a document from values, without files: what a program that builds its own contract needs for `capacity`.
    public init(contract: MigrationContract, patterns: [AccessPattern], contractFile: String = "contract") {
        self.init(contract: contract, patterns: patterns, contractFile: contractFile, sources: DocumentSources())
    }

    package init(
        contract: MigrationContract, patterns: [AccessPattern], contractFile: String, sources: DocumentSources
    ) {
        self.contract = contract
        self.patterns = patterns
        self.contractFile = contractFile
        self.sources = sources
    }

    /// The pattern of that id in canonical form: "AP11".
    public func pattern(_ id: String) -> AccessPattern? { patterns.first { $0.id == id } }

    /// Reads a contract and what stands beside it.
    ///
    /// - Parameters:
    ///   - contractPath: the contract, in either dialect.
    ///   - patternsPath: the table of access patterns with their rates: Markdown, CSV, JSON or YAML. A contract may
    ///     carry its own `access_patterns`; where both list a pattern, what the contract says of it is kept and the
    ///     table fills the gaps.
    ///   - modelPath: the data model's Markdown, with the mapping of patterns to tables and the planned capacity. Where no
    ///     table of patterns is given, one with rates in the model is read as that.
    ///   - mappingPath: YAML or JSON that says for some patterns what they do in DynamoDB, before anything else.
    ///   - interfacesPath: the application's repository interfaces (TypeScript, Java or Swift, or Markdown that quotes them),
    ///     for `lint` to say which of their methods no key or index serves.
    /// - Throws: `ContractError`, which lists every problem of every file that cannot be used.
    public static func load(
        contractPath: String, patternsPath: String? = nil, modelPath: String? = nil, mappingPath: String? = nil,
        interfacesPath: String? = nil
    ) throws(ContractError) -> ContractDocument {
        try read(
            contract: try SourceText.read(path: contractPath), patterns: try optional(patternsPath),
            model: try optional(modelPath), mapping: try optional(mappingPath),
            interfaces: try optional(interfacesPath))
    }

    /// Reads documents that are in memory already; as `load`.
    public static func read(
        contract: SourceText, patterns: SourceText? = nil, model: SourceText? = nil, mapping: SourceText? = nil,
        interfaces: SourceText? = nil
    ) throws(ContractError) -> ContractDocument {
        var refused: [ContractError.Problem] = []
        func attempt<Part>(_ read: () throws(ContractError) -> Part) -> Part? {
            do throws(ContractError) {
                return try read()
            } catch {
                refused += error.problems
                return nil
            }
        }
        let whole = attempt { () throws(ContractError) in try ContractReader.read(contract) }
        var sources = DocumentSources(reading: whole)
        for source in [contract, patterns, model, mapping, interfaces].compactMap(\.self) {
            sources.texts[source.name] = source.bytes
        }
        if let patterns {
            sources.listing = attempt { () throws(ContractError) in try PatternListing.read(patterns) }
        }
        if patterns == nil, let model, whole?.givesEveryRate != true {
            let known = sources.patternNames
            sources.listing =
                attempt { () throws(ContractError) in try PatternListing.read(model: model, known) } ?? nil
        }
        if let mapping { sources.overlay = attempt { () throws(ContractError) in try Overlay.read(mapping) } }
        if let interfaces {
            sources.interfaces = attempt { () throws(ContractError) in try InterfaceListing.read(interfaces) }
        }
        let problems = refused + sources.problems(isWhole: refused.isEmpty)
        guard problems.isEmpty, let reading = whole else { throw ContractError(problems: problems) }
        if let model {
            sources.model = try DataModel.read(
                model, for: reading.contract, names: sources.patternNames,
                listsPatterns: sources.listing?.file == model.name)
        }
        var tables = reading.contract
        sources.replaceDescriptions(in: &tables)
        sources.addReasons(to: &tables)
        let resolver = PatternResolver(contract: tables, overlay: sources.overlay, model: sources.model)
        var document = ContractDocument(
            contract: tables, patterns: sources.rows(for: tables).map(resolver.resolve), contractFile: contract.name,
            sources: sources)
        document.correctGuesses()
        return document
    }

    /// What was taken for a read by key by its description, and is a Scan by what its caller knows, is called so.
    private mutating func correctGuesses() {
        let guessed = patterns.indices.filter { place in
            !patterns[place].keyAttributes.isEmpty
                && patterns[place].operations.contains { $0.isNamedByRule && !$0.isWrite && $0.operation != "Scan" }
        }
        guard !guessed.isEmpty else { return }
        let reader = OperationAccessReader(self)
        for place in guessed {
            let pattern = patterns[place]
            for (index, operation) in pattern.operations.enumerated()
            where operation.isNamedByRule && !operation.isWrite {
                guard case .scan(let attribute) = reader.access(of: operation, in: pattern).inPlace else { continue }
                patterns[place].operations[index].correctGuess(scanFor: attribute)
            }
        }
    }

    private static func optional(_ path: String?) throws(ContractError) -> SourceText? {
        guard let path else { return nil }
        return try SourceText.read(path: path)
    }
}

extension ContractReading {
    /// Whether the contract lists its patterns itself, each with its rate.
    fileprivate var givesEveryRate: Bool { !patterns.isEmpty && patterns.allSatisfy { $0.pattern.peakRPS != nil } }
}
