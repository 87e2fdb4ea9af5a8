extension LintReport {
    /// The rule that a file breaks which cannot be used. None of `Rule`: it cannot be lived with.
    static let refusal = "file-refused"

    /// The report on documents that cannot be used: each problem is an error, in its place, so that a pipeline which reads reports
    /// has one here too.
    ///
    /// - Parameter texts: the files as they are, so that columns can be counted as reports do; one that is missing is taken to have
    ///   its problems at its lines' beginnings.
    public init(refused error: ContractError, texts: [SourceText] = []) {
        findings = error.problemsTold.map { problem in
            Finding(
                rule: LintReport.refusal, severity: .error, file: problem.file, line: problem.line ?? 1,
                column: problem.column, pointer: problem.pointer, subject: problem.pointer ?? "",
                message: problem.text, advice: "")
        }
        guesses = []
        summary = ""
        self.texts = Dictionary(texts.map { ($0.name, $0.bytes) }, uniquingKeysWith: { first, _ in first })
        isRefusal = true
    }
}

extension ContractError {
    /// The problems that are told; where there are more, the last says so.
    fileprivate var problemsTold: [Problem] {
        let told = problems.prefix(ContractError.mostProblemsTold)
        guard problems.count > told.count, let last = told.last else { return problems }
        let rest = Problem(
            file: last.file, line: last.line,
            text: "there are \(problems.count - told.count) more at least; mend these first")
        return told + [rest]
    }
}
