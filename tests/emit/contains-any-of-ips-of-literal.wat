  (elem (;0;) (i32.const 0) func $list_0 $list_0 $list_0 $list_1)
  (func $list_0 (param $frame i32) (param $out i32))
  (func $list_1 (param $frame i32) (param $out i32)
    (local i32 i32 i32 i32 i32 i32)
    (if ;; label = @1
      (local.tee 3
        (block (result i32) ;; label = @1
          (if ;; label = @2
            (i32.eqz
              (local.tee 2
                (i32.load offset=128
                  (local.get $frame))))
            (then
              (br 1 (;@1;)
                (i32.const 196864))))
          (local.set 2
            (i32.add
              (i32.add
                (local.get 2)
                (local.get $frame))
              (i32.const 56)))
          (local.set 4
            (i32.add
              (local.tee 3
                (i32.add
                  (local.tee 3
                    (local.get 2))
                  (i32.load
                    (local.get 3)))
                (local.set 4
                  (i32.mul
                    (i32.load offset=4
                      (local.get 3))
                    (i32.const 24))))
              (local.get 4)))
          (local.set 5
            (i32.const 0))
          (block ;; label = @2
            (loop ;; label = @3
              (br_if 1 (;@2;)
                (i32.ge_u
                  (local.get 3)
                  (local.get 4)))
              (local.set 6
                (local.get 3))
              (local.set 7
                (i32.const 1024))
              (br_if 1 (;@2;)
                (local.tee 5
                  (i64.eqz
                    (i64.or
                      (i64.or
                        (i64.xor
                          (i64.load
                            (local.get 6))
                          (i64.load
                            (local.get 7)))
                        (i64.xor
                          (i64.load offset=8
                            (local.get 6))
                          (i64.load offset=8
                            (local.get 7))))
                      (i64.xor
                        (i64.load offset=16
                          (local.get 6))
                        (i64.load offset=16
                          (local.get 7)))))))
              (local.set 3
                (i32.add
                  (local.get 3)
                  (i32.const 24)))
              (br 0 (;@3;))))
          (if (result i32) ;; label = @2
            (local.get 5)
            (then
              (i32.const 1))
            (else
              (local.set 5
                (i32.add
                  (local.tee 6
                    (i32.add
                      (local.tee 6
                        (local.get 2))
                      (i32.load
                        (local.get 6)))
                    (local.set 5
                      (i32.mul
                        (i32.load offset=4
                          (local.get 6))
                        (i32.const 24))))
                  (local.get 5)))
              (local.set 4
                (i32.const 0))
              (block ;; label = @3
                (loop ;; label = @4
                  (br_if 1 (;@3;)
                    (i32.ge_u
                      (local.get 6)
                      (local.get 5)))
                  (local.set 3
                    (local.get 6))
                  (local.set 7
                    (i32.add
                      (local.get $frame)
                      (i32.const 168)))
                  (br_if 1 (;@3;)
                    (local.tee 4
                      (i64.eqz
                        (i64.or
                          (i64.or
                            (i64.xor
                              (i64.load
                                (local.get 3))
                              (i64.load
                                (local.get 7)))
                            (i64.xor
                              (i64.load offset=8
                                (local.get 3))
                              (i64.load offset=8
                                (local.get 7))))
                          (i64.xor
                            (i64.load offset=16
                              (local.get 3))
                            (i64.load offset=16
                              (local.get 7)))))))
                  (local.set 6
                    (i32.add
                      (local.get 6)
                      (i32.const 24)))
                  (br 0 (;@4;))))
              (local.get 4)))))
      (then
        (call $note
          (local.get $out)
          (i32.const 0)
          (i32.const 0)
          (local.get 3))))
  )
  (data (;0;) (i32.const 1024) "\00\00\00\0a\00\00\00\00\00\00\00\00\00\00\00\00\08\00\00\00\00\00\00\00")
