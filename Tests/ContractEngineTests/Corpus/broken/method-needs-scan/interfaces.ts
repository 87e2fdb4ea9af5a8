export interface IPatientRepository {
  findById(id: string): Promise<Patient | null>;
  findByEmail(email: string): Promise<Patient | null>;
}

export interface IDoctorRepository {
  getDoctorsByDepartment(departmentId: string): Promise<Doctor[]>;
}
